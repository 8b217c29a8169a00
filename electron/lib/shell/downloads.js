"use strict";

/** Downloads: the user is asked where each goes, and the next is offered the same folder. */

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
    const verdict = judge(address, server);
    if (verdict !== "inside") {
      event.preventDefault();
      if (verdict !== "moved") {
        openOutside(address, log);
      }
      return;
    }
    const offered = fs.existsSync(folder) ? folder : app.getPath("home");
    item.setSaveDialogOptions({
      defaultPath: path.join(offered, item.getFilename()),
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

/** @param {string} address @param {import("./token_header").Server} server */
function judge(address, { origin, ports }) {
  return address.startsWith("data:") ? "inside" : judgeWindowOpen(address, origin(), ports());
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
    detail:
      "Make sure that there is room on the disk and that you may write there. Then try again.",
  });
}

module.exports = { handleDownloads };
