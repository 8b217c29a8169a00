"use strict";

/** The application's window, made hidden: it is shown once its first page can be seen. */

const { BrowserWindow } = require("electron");
const { SMALLEST } = require("../policy/window_state");
const { windowIcon } = require("./icon");
const { showOnce } = require("./show_once");
const { backgroundColor } = require("./theme");
const { webPreferences } = require("./web_preferences");
const { rememberPlace, rememberedPlace } = require("./window_memory");

/** Make the window, where it was last time.
 *
 * @param {{ name: string, version: string, stateFile: string, icon: string }} application
 * @param {import("../supervisor").Supervisor} supervisor of the server that the first page is from
 * @returns {Electron.BrowserWindow}
 */
function createMainWindow({ name, version, stateFile, icon }, supervisor) {
  const { maximized, fullScreen, ...bounds } = rememberedPlace(stateFile);
  const window = new BrowserWindow({
    ...bounds,
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    title: name,
    show: false,
    backgroundColor: backgroundColor(),
    ...windowIcon(icon),
    webPreferences: webPreferences(version),
  });
  const show = () => {
    if (maximized) {
      window.maximize();
    }
    if (fullScreen) {
      window.setFullScreen(true);
    }
    window.show();
    rememberPlace(window, stateFile);
  };
  showOnce(window, { supervisor, platform: process.platform, show });
  return window;
}

module.exports = { createMainWindow };
