"use strict";

/** Downloads: the user is asked where each one goes, and the next one is offered the same folder. */

const fs = require("node:fs");
const path = require("node:path");
const { BrowserWindow, app, dialog } = require("electron");
const { judgeWindowOpen } = require("../policy/navigation");
const { openOutside } = require("./external");

/**
 * @typedef {object} DownloadOptions
 * @property {import("./token_header").Server} server
 * @property {import("../log").Log} log
 */

/**
 * Handle the downloads of a session.
 *
 * @param {Electron.Session} session
 * @param {DownloadOptions} options
 */
function handleDownloads(session, { server, log }) {
  let folder = app.getPath("downloads");
  session.on("will-download", (event, item, contents) => {
    const address = item.getURL();
    if (!isFromPage(address, server.origin())) {
      event.preventDefault();
      openOutside(address, log);
      return;
    }
    item.setSaveDialogOptions({
      defaultPath: path.join(fs.existsSync(folder) ? folder : app.getPath("home"), item.getFilename()),
      properties: ["createDirectory", "showOverwriteConfirmation"],
    });
    item.once("done", (_event, state) => {
      if (state === "completed") {
        folder = path.dirname(item.getSavePath());
      } else if (state === "interrupted") {
        tellInterrupted(item.getFilename(), log);
      }
    });
    closeEmptyWindow(contents);
  });
}

/** @param {string} address @param {string | null} origin */
function isFromPage(address, origin) {
  return address.startsWith("data:") || judgeWindowOpen(address, origin) === "inside";
}

/** A window that was opened for nothing but a download has no page to show.
 *
 * @param {Electron.WebContents | null} contents */
function closeEmptyWindow(contents) {
  const window = contents && BrowserWindow.fromWebContents(contents);
  if (window && contents.getURL() === "") {
    setImmediate(() => window.close());
  }
}

/** @param {string} name @param {import("../log").Log} log */
function tellInterrupted(name, log) {
  log.warning("A download was interrupted.");
  dialog.showMessageBox({
    type: "warning",
    message: `“${name}” was not saved.`,
    detail: "Look whether there is room on the disk and whether you may write there. Then try again.",
  });
}

module.exports = { handleDownloads };
