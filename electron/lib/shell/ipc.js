"use strict";

/** What pages ask the main process for: who asks is checked first, then what. */

const { BrowserWindow, Notification, dialog, ipcMain, webContents } = require("electron");
const { isTrustedSender } = require("../policy/ipc");
const { setBadge } = require("./badge");
const { closeFindOf, search } = require("./find");
const { isShellPage } = require("./addresses");
const { keep } = require("./notifications");
const requests = require("./requests");
const { bringToFront } = require("./front");

/**
 * @typedef {object} IpcOptions
 * @property {import("./token_header").Server} server
 * @property {import("./status").StatusKeeper} status
 * @property {import("../log").Log} log
 * @property {ShellActions} actions
 *
 * @typedef {object} ShellActions
 * @property {(contents: Electron.WebContents) => void} retry
 * @property {() => void} openLogs
 * @property {(contents: Electron.WebContents) => Promise<void>} saveDiagnostics
 * @property {() => void} support
 * @property {() => void} quit
 *
 * @typedef {(event: Electron.IpcMainInvokeEvent, request: unknown) => unknown} Handler
 */

/** @type {Readonly<Record<string, Handler>>} */
const FOR_PAGES = Object.freeze({
  "app:notify": (event, request) => notify(windowOf(event), requests.readNotification(request)),
  "app:open-file": (event, request) => openFile(windowOf(event), requests.readOpenFile(request)),
  "app:save-file": (event, request) => saveFile(windowOf(event), requests.readSaveFile(request)),
  "app:set-badge": (event, count) => setBadge(windowOf(event), requests.readBadge(count)),
});

/**
 * Answer the pages' requests.
 *
 * @param {IpcOptions} options
 */
function handleRequests({ server, status, log, actions }) {
  /** @param {string} channel @param {Handler} handler */
  const handle = (channel, handler) => {
    ipcMain.handle(channel, (event, request) => {
      const frame = event.senderFrame;
      const isMainFrame = frame !== null && frame.parent === null;
      if (!isTrustedSender(frame?.url, isMainFrame, channel, server.origin())) {
        log.warning(`A page that may not sent ${channel}.`);
        throw new Error("not allowed");
      }
      return handler(event, request);
    });
  };
  for (const [channel, handler] of Object.entries(FOR_PAGES)) {
    handle(channel, handler);
  }
  handle("shell:status", () => status.current());
  handle("shell:retry", (event) => actions.retry(event.sender));
  handle("shell:open-logs", actions.openLogs);
  handle("shell:save-diagnostics", (event) => actions.saveDiagnostics(event.sender));
  handle("shell:support", actions.support);
  handle("shell:quit", actions.quit);
  handle("shell:find", ({ sender }, request) => search(sender, requests.readFind(request)));
  handle("shell:close-find", ({ sender }) => closeFindOf(sender));
  status.onChange(tellShellPages);
}

/** @param {import("./types").ShellStatus} status */
function tellShellPages(status) {
  for (const contents of webContents.getAllWebContents()) {
    if (isShellPage(contents.getURL())) {
      contents.send("shell:status", status);
    }
  }
}

/** @param {Electron.IpcMainInvokeEvent} event */
function windowOf(event) {
  return BrowserWindow.fromWebContents(event.sender);
}

/**
 * @param {Electron.BrowserWindow | null} window
 * @param {{ title: string, body: string }} request
 */
function notify(window, request) {
  if (Notification.isSupported()) {
    const notification = new Notification(request);
    keep(notification);
    notification.on("click", () => bringToFront(window));
    notification.show();
  }
}

/**
 * @param {Electron.BrowserWindow | null} window
 * @param {ReturnType<typeof requests.readOpenFile>} request
 * @returns {Promise<string[] | null>}
 */
async function openFile(window, { title, filters, multiple }) {
  /** @type {Electron.OpenDialogOptions} */
  const options = {
    title,
    filters,
    properties: multiple ? ["openFile", "multiSelections"] : ["openFile"],
  };
  const { canceled, filePaths } = await (window
    ? dialog.showOpenDialog(window, options)
    : dialog.showOpenDialog(options));
  return canceled ? null : filePaths;
}

/**
 * @param {Electron.BrowserWindow | null} window
 * @param {ReturnType<typeof requests.readSaveFile>} request
 * @returns {Promise<string | null>}
 */
async function saveFile(window, { title, filters, name }) {
  /** @type {Electron.SaveDialogOptions} */
  const options = {
    title,
    filters,
    defaultPath: name,
    properties: ["createDirectory", "showOverwriteConfirmation"],
  };
  const { canceled, filePath } = await (window
    ? dialog.showSaveDialog(window, options)
    : dialog.showSaveDialog(options));
  return canceled || !filePath ? null : filePath;
}

module.exports = { handleRequests };
