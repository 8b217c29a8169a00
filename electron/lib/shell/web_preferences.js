"use strict";

/** What every page of this application may do, wherever its window comes from. */

const path = require("node:path");
const { app } = require("electron");

const PRELOAD = path.join(__dirname, "..", "..", "preload.cjs");

/** The preload reads this from its arguments, for want of another way to know it at once. */
const VERSION_ARGUMENT = "--djdesk-version=";

/** @param {string} version the application's
 * @returns {Electron.WebPreferences} */
function webPreferences(version) {
  return {
    preload: PRELOAD,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInSubFrames: false,
    nodeIntegrationInWorker: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    safeDialogs: true,
    spellcheck: true,
    devTools: !app.isPackaged,
    additionalArguments: [`${VERSION_ARGUMENT}${version}`],
  };
}

module.exports = { webPreferences };
