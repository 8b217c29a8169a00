"use strict";

/** The application's window, made hidden: it is shown once its first page has painted. */

const { BrowserWindow } = require("electron");
const { SMALLEST } = require("../policy/window_state");
const { backgroundColor } = require("./theme");
const { webPreferences } = require("./web_preferences");
const { rememberPlace, rememberedPlace } = require("./window_memory");

/** Make the window, where it was last time.
 *
 * @param {{ name: string, version: string, stateFile: string }} application
 * @returns {Electron.BrowserWindow}
 */
function createMainWindow({ name, version, stateFile }) {
  const { maximized, fullScreen, ...bounds } = rememberedPlace(stateFile);
  const window = new BrowserWindow({
    ...bounds,
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    title: name,
    show: false,
    backgroundColor: backgroundColor(),
    webPreferences: webPreferences(version),
  });
  window.once("ready-to-show", () => {
    if (maximized) {
      window.maximize();
    }
    if (fullScreen) {
      window.setFullScreen(true);
    }
    window.show();
    rememberPlace(window, stateFile);
  });
  return window;
}

module.exports = { createMainWindow };
