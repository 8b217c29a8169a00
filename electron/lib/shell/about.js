"use strict";

/** What this application is, with its versions, to be read or to be copied into a report. */

const { clipboard, dialog } = require("electron");
const { dialogIcon } = require("./icon");

/**
 * Say it in a dialog.
 *
 * @param {Electron.BrowserWindow | undefined} window
 * @param {import("./application").Application} application
 */
async function showAbout(window, { name, version, description, places, support, icon }) {
  const { chrome, electron } = process.versions;
  const detail = [
    `Version ${version}`,
    description,
    `Electron ${electron}, Chromium ${chrome}`,
    `Your data: ${places.data}`,
    ...(support === "" ? [] : [`Support: ${support}`]),
  ].join("\n");
  /** @type {Electron.MessageBoxOptions} */
  const options = {
    type: "info",
    title: `About ${name}`,
    message: name,
    detail,
    buttons: ["Close", "Copy"],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
    ...dialogIcon(icon),
  };
  const { response } = await (window
    ? dialog.showMessageBox(window, options)
    : dialog.showMessageBox(options));
  if (response === 1) {
    clipboard.writeText(`${name}\n${detail}\n`);
  }
}

module.exports = { showAbout };
