"use strict";

/** The menu of the application: what is in it is a pure function of the system. */

/**
 * @typedef {object} MenuActions
 * @property {() => void} find
 * @property {() => void} print
 * @property {() => void} reload
 * @property {() => void} back
 * @property {() => void} forward
 * @property {() => void} home
 * @property {(() => void) | null} support null where the project names nobody
 * @property {() => void} openDataFolder
 * @property {() => void} openLogs
 * @property {() => void} saveDiagnostics
 * @property {() => void} about
 *
 * @typedef {Electron.MenuItemConstructorOptions} Item
 */

/** @type {Item} */
const SEPARATOR = { type: "separator" };

/** @param {string} name @param {MenuActions} actions @returns {Item} */
function applicationMenu(name, actions) {
  return {
    label: name,
    submenu: [
      { label: `About ${name}`, click: actions.about },
      SEPARATOR,
      { role: "services" },
      SEPARATOR,
      { role: "hide", label: `Hide ${name}` },
      { role: "hideOthers" },
      { role: "unhide" },
      SEPARATOR,
      { role: "quit", label: `Quit ${name}` },
    ],
  };
}

/** @param {boolean} mac @param {MenuActions} actions @returns {Item} */
function fileMenu(mac, actions) {
  /** @type {Item[]} */
  const leave = mac ? [{ role: "close" }] : [{ role: "quit" }];
  return {
    label: "&File",
    submenu: [
      { label: "&Print…", accelerator: "CommandOrControl+P", click: actions.print },
      SEPARATOR,
      ...leave,
    ],
  };
}

/** @param {MenuActions} actions @returns {Item} */
function editMenu(actions) {
  return {
    label: "&Edit",
    submenu: [
      { role: "undo" },
      { role: "redo" },
      SEPARATOR,
      { role: "cut" },
      { role: "copy" },
      { role: "paste" },
      { role: "pasteAndMatchStyle" },
      { role: "delete" },
      { role: "selectAll" },
      SEPARATOR,
      { label: "&Find in Page…", accelerator: "CommandOrControl+F", click: actions.find },
    ],
  };
}

/** The numeric pad and keyboards on which plus needs no shift have keys of their own for zooming.
 * @param {boolean} devTools @param {MenuActions} actions @returns {Item} */
function viewMenu(devTools, actions) {
  /** @type {Item[]} */
  const inside = devTools ? [SEPARATOR, { role: "toggleDevTools" }] : [];
  return {
    label: "&View",
    submenu: [
      { label: "&Reload", accelerator: "CommandOrControl+R", click: actions.reload },
      { label: "Reload", accelerator: "F5", visible: false, click: actions.reload },
      SEPARATOR,
      { role: "resetZoom" },
      { role: "zoomIn", accelerator: "CommandOrControl+Plus" },
      { role: "zoomIn", accelerator: "CommandOrControl+=", visible: false },
      { role: "zoomIn", accelerator: "CommandOrControl+numadd", visible: false },
      { role: "zoomOut", accelerator: "CommandOrControl+-" },
      { role: "zoomOut", accelerator: "CommandOrControl+numsub", visible: false },
      SEPARATOR,
      { role: "togglefullscreen" },
      ...inside,
    ],
  };
}

/** With the keys of the browsers of each system.
 * @param {boolean} mac @param {MenuActions} actions @returns {Item} */
function historyMenu(mac, actions) {
  return {
    label: "Hi&story",
    submenu: [
      { label: "&Back", accelerator: mac ? "Command+[" : "Alt+Left", click: actions.back },
      { label: "&Forward", accelerator: mac ? "Command+]" : "Alt+Right", click: actions.forward },
      SEPARATOR,
      { label: "&Home", accelerator: mac ? "Command+Shift+H" : "Alt+Home", click: actions.home },
    ],
  };
}

/** @param {boolean} mac @param {string} name @param {MenuActions} actions @returns {Item} */
function helpMenu(mac, name, actions) {
  /** @type {Item[]} */
  const about = mac ? [] : [SEPARATOR, { label: `&About ${name}`, click: actions.about }];
  /** @type {Item[]} */
  const support =
    actions.support === null ? [] : [{ label: "&Contact Support…", click: actions.support }];
  return {
    label: "&Help",
    role: "help",
    submenu: [
      { label: "Open &Data Folder", click: actions.openDataFolder },
      { label: "Open &Logs", click: actions.openLogs },
      { label: "&Save Diagnostics…", click: actions.saveDiagnostics },
      ...support,
      ...about,
    ],
  };
}

/** The template of the whole menu.
 * @param {{platform: string, name: string, devTools: boolean, actions: MenuActions}} options
 * @returns {Item[]} */
function menuTemplate({ platform, name, devTools, actions }) {
  const mac = platform === "darwin";
  return [
    ...(mac ? [applicationMenu(name, actions)] : []),
    fileMenu(mac, actions),
    editMenu(actions),
    viewMenu(devTools, actions),
    historyMenu(mac, actions),
    { role: "windowMenu" },
    helpMenu(mac, name, actions),
  ];
}

module.exports = { menuTemplate };
