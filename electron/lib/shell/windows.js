"use strict";

/** The windows of the application: the splash, the main one, and those that pages open. */

const { app } = require("electron");
const { openFolder } = require("./folders");
const { firstOf } = require("./front");
const { followHand } = require("./history");
const { followServer } = require("./home");
const { createMainWindow } = require("./main_window");
const { mark, marks } = require("./phases");
const { handleSessionEnd } = require("./session_end");
const { openSplash } = require("./splash");

/**
 * @typedef {object} WindowOptions
 * @property {import("./application").Application} application
 * @property {import("../supervisor").Supervisor} supervisor
 * @property {import("./status").StatusKeeper} status
 * @property {import("../log").Log} log
 * @property {() => void} quit
 */

/**
 * Open the splash, and the main window behind it.
 *
 * @param {WindowOptions} options
 * @returns {() => Electron.BrowserWindow | null} the window that the user looks at: the splash, then
 *   the main one, and once that is closed the oldest of the others
 */
function openWindows({ application, supervisor, status, log, quit }) {
  const { name, version, places, icon } = application;
  const splash = openSplash({ name, version, icon });
  mark("splash");
  const stateFile = places.windowState;
  const main = createMainWindow({ name, version, stateFile, icon }, supervisor);
  splash.once("closed", () => {
    if (!main.isDestroyed() && !main.isVisible()) {
      quit();
    }
  });
  main.once("show", () => {
    mark("window");
    log.info(`The window is there; milliseconds: ${JSON.stringify(marks())}`);
    if (!splash.isDestroyed()) {
      splash.close();
    }
  });
  const windows = new Set([splash]);
  const openLogs = () => openFolder(places.logs);
  const follow = (/** @type {Electron.BrowserWindow} */ window, /** @type {boolean} */ isMain) => {
    windows.add(window);
    window.once("closed", () => windows.delete(window));
    followServer(window, { supervisor, status, log, main: isMain, openLogs });
    followHand(window, supervisor);
    handleSessionEnd(window, supervisor, () => app.exit(0));
    window.webContents.on("did-create-window", (child) => follow(child, false));
  };
  follow(main, true);
  return () => firstOf(windows);
}

module.exports = { openWindows };
