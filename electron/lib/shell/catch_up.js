"use strict";

/**
 * A page whose server was started again at another address, loaded again there. At the old address
 * nobody answers it: see lib/policy/requests.js.
 */

const { clipboard, dialog } = require("electron");
const { addressAt } = require("../policy/requests");
const { fillInText, keepText } = require("./typed_text");

/** @typedef {{ carriesText: boolean }} Move */

/** @type {WeakMap<Electron.WebContents, Move>} The pages that are being left for their successors. */
const moves = new WeakMap();

/**
 * Tell whether the page of a window is at another origin than the server.
 *
 * @param {Electron.WebContents} contents
 * @param {string | null} origin
 */
function isBehind(contents, origin) {
  const address = contents.getURL();
  return origin !== null && address.startsWith("http:") && new URL(address).origin !== origin;
}

/**
 * Load the page of a window again where the server is now, with what was typed into it, and tell
 * its user. Does nothing where the page is there already.
 *
 * @param {Electron.BrowserWindow} window
 * @param {import("../supervisor").Supervisor} supervisor
 */
async function catchUp(window, supervisor) {
  const contents = window.webContents;
  const address = contents.getURL();
  if (moves.has(contents) || !isBehind(contents, supervisor.origin)) {
    return;
  }
  moves.set(contents, { carriesText: false });
  try {
    const { fields, files } = await keepText(contents);
    const { origin, isReady } = supervisor;
    if (contents.isDestroyed() || !isReady || origin === null || contents.getURL() !== address) {
      return;
    }
    moves.set(contents, { carriesText: fields.length > 0 });
    // The way back would lead to where nobody answers.
    contents.once("did-navigate", () => contents.navigationHistory.clear());
    await contents.loadURL(addressAt(origin, address));
    await tell(window, { files, lost: await fillInText(contents) });
  } catch {
    // The page stays, because its user wants that, or did-fail-load tells what happened.
  } finally {
    moves.delete(contents);
  }
}

/**
 * Follow a link to where the server was: to the same page where it is now. A page that is there
 * itself is loaded again first, with what was typed into it.
 *
 * @param {Electron.BrowserWindow} window
 * @param {import("../supervisor").Supervisor} supervisor
 * @param {string} url
 */
function goTo(window, supervisor, url) {
  const { origin, isReady } = supervisor;
  if (isBehind(window.webContents, origin)) {
    catchUp(window, supervisor);
  } else if (isReady && origin !== null) {
    // A page that does not load is told of by did-fail-load.
    window.webContents.loadURL(addressAt(origin, url)).catch(() => undefined);
  }
}

/**
 * Return how the page of a window is being left for its successor, or undefined.
 *
 * @param {Electron.WebContents} contents
 */
function moveOf(contents) {
  return moves.get(contents);
}

/**
 * @param {Electron.BrowserWindow} window
 * @param {{ files: boolean, lost: string[] }} result
 */
async function tell(window, { files, lost }) {
  const details = [
    "It had stopped. This page was loaded again, and what you had typed was filled in.",
    ...(files ? ["Please choose the files to attach again."] : []),
    ...(lost.length > 0 ? ["Some of what you had typed has no place in this page any more."] : []),
  ];
  const { response } = await dialog.showMessageBox(window, {
    type: "info",
    message: "The application was started again.",
    detail: details.join("\n"),
    buttons: lost.length > 0 ? ["Close", "Copy the Rest"] : ["Close"],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  });
  if (response === 1) {
    clipboard.writeText(lost.join("\n\n"));
  }
}

module.exports = { catchUp, goTo, moveOf };
