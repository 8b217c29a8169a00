"use strict";

/** A window's size and place, kept in a file from one start to the next. */

const fs = require("node:fs");
const path = require("node:path");
const { screen } = require("electron");
const { fitWindow, formatWindowState, parseWindowState } = require("../policy/window_state");

/** A window that is being dragged changes many times a second. */
const PAUSE_MS = 500;

/** Return where a window goes that was where the file says.
 *
 * @param {string} file
 */
function rememberedPlace(file) {
  const primary = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter((display) => display.id !== primary.id);
  return fitWindow(read(file), [primary, ...others]);
}

/** Keep the file up to date for as long as the window lives.
 *
 * @param {Electron.BrowserWindow} window
 * @param {string} file
 */
function rememberPlace(window, file) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  let ofPage = false; // whether a page fills the screen, which is over with the page
  const save = () => {
    clearTimeout(timer);
    write(file, formatWindowState(stateOf(window, ofPage)));
  };
  const saveSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE_MS);
  };
  window.on("enter-html-full-screen", () => {
    ofPage = true;
  });
  window.on("leave-html-full-screen", () => {
    ofPage = false;
  });
  window.on("resize", saveSoon);
  window.on("move", saveSoon);
  window.on("maximize", saveSoon);
  window.on("unmaximize", saveSoon);
  window.on("close", save);
  window.on("closed", () => clearTimeout(timer));
}

/** @param {Electron.BrowserWindow} window @param {boolean} ofPage */
function stateOf(window, ofPage) {
  return {
    bounds: window.getNormalBounds(),
    maximized: window.isMaximized(),
    fullScreen: window.isFullScreen() && !ofPage,
  };
}

/** @param {string} file */
function read(file) {
  try {
    return parseWindowState(fs.readFileSync(file, "utf8"));
  } catch {
    return null; // The first start has no file.
  }
}

/** @param {string} file @param {string} text */
function write(file, text) {
  const partial = `${file}.partial`;
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    fs.writeFileSync(partial, text, { mode: 0o600 });
    fs.renameSync(partial, file);
  } catch {
    // A full disk costs the window its place, and must not cost more.
  }
}

module.exports = { rememberPlace, rememberedPlace };
