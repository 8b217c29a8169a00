"use strict";

/** Find in page: a small bar in the corner of a window, which searches the page below it. */

const { WebContentsView } = require("electron");
const { FIND } = require("./pages");
const { backgroundColor } = require("./theme");
const { webPreferences } = require("./web_preferences");

const SIZE = Object.freeze({ width: 360, height: 48 });
const MARGIN = 16;

/** @type {WeakMap<Electron.BrowserWindow, Electron.WebContentsView>} */
const bars = new WeakMap();

/** @type {WeakMap<Electron.WebContents, Electron.BrowserWindow>} */
const windows = new WeakMap();

/**
 * Open the bar of a window, or go to it where it is open.
 *
 * @param {Electron.BrowserWindow} window
 * @param {string} version of the application
 */
function openFind(window, version) {
  const bar = bars.get(window) || createBar(window, version);
  bar.webContents.focus();
}

/** @param {Electron.BrowserWindow} window */
function closeFind(window) {
  const bar = bars.get(window);
  if (bar === undefined) {
    return;
  }
  bars.delete(window);
  if (!bar.webContents.isDestroyed()) {
    bar.webContents.close();
  }
  if (!window.isDestroyed()) {
    window.contentView.removeChildView(bar);
    window.webContents.stopFindInPage("keepSelection");
    window.webContents.focus();
  }
}

/**
 * Close the bar that asks for it.
 *
 * @param {Electron.WebContents} bar
 */
function closeFindOf(bar) {
  const window = windows.get(bar);
  if (window !== undefined) {
    closeFind(window);
  }
}

/**
 * Search in the page below a bar.
 *
 * @param {Electron.WebContents} bar
 * @param {import("./types").FindRequest} request
 */
function search(bar, { text, forward, again }) {
  const page = windows.get(bar)?.webContents;
  if (text === "") {
    page?.stopFindInPage("clearSelection");
  } else {
    page?.findInPage(text, { forward, findNext: !again });
  }
}

/** @param {Electron.BrowserWindow} window @param {string} version */
function createBar(window, version) {
  const bar = new WebContentsView({ webPreferences: webPreferences(version) });
  bars.set(window, bar);
  windows.set(bar.webContents, window);
  bar.setBackgroundColor(backgroundColor());
  window.contentView.addChildView(bar);
  const place = () => bar.setBounds(boundsIn(window));
  /** @param {unknown} _event @param {Electron.Result} result */
  const tell = (_event, { activeMatchOrdinal, matches }) =>
    bar.webContents.send("shell:found", { active: activeMatchOrdinal, matches });
  const close = () => closeFind(window);
  const contents = window.webContents;
  place();
  window.on("resize", place);
  window.once("closed", close);
  contents.on("found-in-page", tell);
  contents.on("did-navigate", close);
  bar.webContents.once("destroyed", () => {
    window.removeListener("resize", place);
    window.removeListener("closed", close);
    contents.removeListener("found-in-page", tell);
    contents.removeListener("did-navigate", close);
  });
  bar.webContents.loadURL(FIND).catch(() => undefined);
  return bar;
}

/** @param {Electron.BrowserWindow} window */
function boundsIn(window) {
  const [width = 0] = window.getContentSize();
  return { ...SIZE, x: Math.max(width - SIZE.width - MARGIN, 0), y: MARGIN / 2 };
}

module.exports = { closeFindOf, openFind, search };
