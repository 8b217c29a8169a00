"use strict";

/** Back, forward and home: by the menu, by keys, by the buttons of a mouse and by a swipe. */

const { parseAddress, isOwn } = require("../policy/origin");
const { homeOf } = require("./home");

/** @typedef {-1 | 1} Step -1 for back, 1 for forward */

/** What mice and keyboards send on Windows and Linux, and swipes of three fingers on macOS. */
const STEPS = Object.freeze({
  commands: /** @type {Map<string, Step>} */ (
    new Map([
      ["browser-backward", -1],
      ["browser-forward", 1],
    ])
  ),
  swipes: /** @type {Map<string, Step>} */ (
    new Map([
      ["left", -1],
      ["right", 1],
    ])
  ),
});

/**
 * Go to the page before or after the one that is shown, if there is one. Pages of the shell and of
 * servers that have gone are passed over.
 *
 * @param {Electron.WebContents} contents
 * @param {Step} step
 * @param {import("../supervisor").Supervisor} supervisor
 */
function goBy(contents, step, supervisor) {
  const index = entryTowards(contents.navigationHistory, step, supervisor.origin);
  if (index !== null && mayLeave(contents, supervisor)) {
    contents.navigationHistory.goToIndex(index);
  }
}

/**
 * Go to the first page of the application.
 *
 * @param {Electron.WebContents} contents
 * @param {import("../supervisor").Supervisor} supervisor
 */
function goHome(contents, supervisor) {
  if (supervisor.origin !== null && mayLeave(contents, supervisor)) {
    // A page that does not load is told of by did-fail-load.
    contents.loadURL(`${supervisor.origin}/`).catch(() => undefined);
  }
}

/**
 * Follow the buttons of a mouse and swipes in a window, for as long as it lives.
 *
 * @param {Electron.BrowserWindow} window
 * @param {import("../supervisor").Supervisor} supervisor
 */
function followHand(window, supervisor) {
  const go = (/** @type {Step | undefined} */ step) => {
    if (step !== undefined) {
      goBy(window.webContents, step, supervisor);
    }
  };
  window.on("app-command", (_event, command) => go(STEPS.commands.get(command)));
  window.on("swipe", (_event, direction) => go(STEPS.swipes.get(direction)));
}

/**
 * @param {Pick<Electron.NavigationHistory, "getActiveIndex" | "getEntryAtIndex" | "length">} history
 * @param {Step} step
 * @param {string | null} origin
 * @returns {number | null}
 */
function entryTowards(history, step, origin) {
  for (
    let index = history.getActiveIndex() + step;
    index >= 0 && index < history.length();
    index += step
  ) {
    const address = parseAddress(history.getEntryAtIndex(index)?.url);
    if (address !== null && isOwn(address, origin)) {
      return index;
    }
  }
  return null;
}

/**
 * While its server is away a page stays: what was typed into it would be lost.
 *
 * @param {Electron.WebContents} contents
 * @param {import("../supervisor").Supervisor} supervisor
 */
function mayLeave(contents, { isReady }) {
  if (!isReady) {
    homeOf(contents)?.explain();
  }
  return isReady;
}

module.exports = { entryTowards, followHand, goBy, goHome };
