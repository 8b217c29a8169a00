"use strict";

/** The application's icon, a PNG file as a rule: on the shell's own pages, in About, and of the windows. */

const fs = require("node:fs");
const path = require("node:path");
const { nativeImage } = require("electron");

const FILE = "icon.png";
const VARIABLE = "DJDESK_ICON";

/** Pixels of an icon in a dialog: systems show it at its own size. */
const DIALOG_SIZE = 64;

/** DJDesk's own, in the source tree: packages have none but that of their project. */
const OWN = path.join(__dirname, "..", "..", "build", "icon.svg");

/**
 * Return the file of the icon: a package has it beside the application, and a developer's window is
 * told where it is.
 *
 * @param {{ packaged: boolean, resourcesPath: string, environment: NodeJS.ProcessEnv }} place
 * @returns {string} empty where there is none; an SVG file where only DJDesk's own is there
 */
function findIcon({ packaged, resourcesPath, environment }) {
  const named = environment[VARIABLE] ?? "";
  const places = packaged ? [path.join(resourcesPath, FILE)] : [named, OWN];
  return places.find((file) => file !== "" && fs.existsSync(file)) ?? "";
}

/**
 * Return what a window has to be told. Only Linux takes an icon from there; elsewhere it is that of
 * the program.
 *
 * @param {string} file
 * @returns {{ icon?: string }}
 */
function windowIcon(file) {
  return process.platform === "linux" && file.endsWith(".png") ? { icon: file } : {};
}

/**
 * Return what a dialog has to be told.
 *
 * @param {string} file
 * @returns {{ icon?: Electron.NativeImage }}
 */
function dialogIcon(file) {
  const image = file === "" ? nativeImage.createEmpty() : nativeImage.createFromPath(file);
  return image.isEmpty() ? {} : { icon: image.resize({ width: DIALOG_SIZE, height: DIALOG_SIZE }) };
}

module.exports = { dialogIcon, findIcon, windowIcon };
