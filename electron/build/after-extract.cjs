"use strict";

/**
 * electron-builder's hook for an Electron that was just copied: takes away the application that
 * it starts when it has no other. electron-builder does so for an Electron that it has fetched.
 */

const fs = require("node:fs");
const path = require("node:path");

const FILE = "default_app.asar";
const FOLDERS = ["resources", "Electron.app/Contents/Resources"];

/** @param {{ appOutDir: string }} packed */
exports.default = function removeDefault({ appOutDir }) {
  for (const folder of FOLDERS) {
    fs.rmSync(path.join(appOutDir, folder, FILE), { force: true });
  }
};
