"use strict";

/** The small window that is there at once, until the first page can be shown. */

const { BrowserWindow } = require("electron");
const { SPLASH } = require("./pages");
const { backgroundColor } = require("./theme");
const { webPreferences } = require("./web_preferences");

const SIZE = Object.freeze({ width: 420, height: 280 });

/** Show the splash.
 *
 * @param {{ name: string, version: string }} application
 * @returns {Electron.BrowserWindow}
 */
function openSplash({ name, version }) {
  const window = new BrowserWindow({
    ...SIZE,
    title: name,
    show: false,
    center: true,
    frame: false,
    resizable: false,
    maximizable: false,
    fullscreenable: false,
    backgroundColor: backgroundColor(),
    webPreferences: webPreferences(version),
  });
  window.once("ready-to-show", () => window.show());
  window.loadURL(SPLASH);
  return window;
}

module.exports = { openSplash };
