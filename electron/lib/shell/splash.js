"use strict";

/** The small window that is there at once, until the first page can be shown. */

const { BrowserWindow } = require("electron");
const { SPLASH } = require("./addresses");
const { windowIcon } = require("./icon");
const { backgroundColor } = require("./theme");
const { webPreferences } = require("./web_preferences");

const SIZE = Object.freeze({ width: 420, height: 280 });

/** Show the splash, in its colour until it has painted: whatever the system, it is seen at once.
 *
 * @param {{ name: string, version: string, icon: string }} application
 * @returns {Electron.BrowserWindow}
 */
function openSplash({ name, version, icon }) {
  const window = new BrowserWindow({
    ...SIZE,
    title: name,
    show: true,
    center: true,
    frame: false,
    resizable: false,
    maximizable: false,
    fullscreenable: false,
    backgroundColor: backgroundColor(),
    ...windowIcon(icon),
    webPreferences: webPreferences(version),
  });
  // It may be closed before it has loaded.
  window.loadURL(SPLASH).catch(() => undefined);
  return window;
}

module.exports = { openSplash };
