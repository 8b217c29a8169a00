"use strict";

/** What the entries of the menu do, to the window that is in front. */

const { BrowserWindow, Menu, app } = require("electron");
const { showAbout } = require("./about");
const { saveDiagnostics } = require("./diagnostics");
const { openFind } = require("./find");
const { openFolder } = require("./folders");
const { goBy, goHome } = require("./history");
const { isShellPage } = require("./addresses");
const { menuTemplate } = require("./menu");
const { reload } = require("./reload");
const { openSupport } = require("./support");

/**
 * Give the application its menu.
 *
 * @param {import("./application").Application} application
 * @param {{ supervisor: import("../supervisor").Supervisor, log: import("../log").Log }} parts
 */
function installMenu(application, { supervisor, log }) {
  const { name, places, version } = application;
  const actions = {
    find: () => withPage((window) => openFind(window, version)),
    print: () => withPage((window) => window.webContents.print()),
    reload: () => withPage((window) => reload(window.webContents, supervisor)),
    back: () => withPage((window) => goBy(window.webContents, -1, supervisor)),
    forward: () => withPage((window) => goBy(window.webContents, 1, supervisor)),
    home: () => withPage((window) => goHome(window.webContents, supervisor)),
    support: application.support === "" ? null : () => openSupport(application, log),
    openDataFolder: () => openFolder(places.data),
    openLogs: () => openFolder(places.logs),
    saveDiagnostics: () => saveDiagnostics(front(), application, log),
    about: () => showAbout(front(), application),
  };
  const { platform } = process;
  const template = menuTemplate({ platform, name, devTools: !app.isPackaged, actions });
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}

/** The window that is in front, if it is the application's. */
function front() {
  return BrowserWindow.getFocusedWindow() ?? undefined;
}

/**
 * Call `work` with the window in front if it shows a page of the application: the shell's own
 * pages are not searched, printed or loaded again.
 *
 * @param {(window: Electron.BrowserWindow) => void} work
 */
function withPage(work) {
  const window = front();
  if (window !== undefined && !isShellPage(window.webContents.getURL())) {
    work(window);
  }
}

module.exports = { installMenu };
