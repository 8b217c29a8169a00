"use strict";

/** One file with what helps to find a fault, saved where the user wants it. */

const childProcess = require("node:child_process");
const path = require("node:path");
const { promisify } = require("node:util");
const { app, dialog, shell } = require("electron");

const run = promisify(childProcess.execFile);
const PATIENCE_MS = 120000;

/**
 * Ask where it goes, write it, and show it.
 *
 * @param {Electron.BrowserWindow | undefined} window
 * @param {import("./application").Application} application
 * @param {import("../log").Log} log
 */
async function saveDiagnostics(window, application, log) {
  const day = new Date().toISOString().slice(0, 10);
  const name = `${application.identifier}-diagnostics-${day}.zip`;
  /** @type {Electron.SaveDialogOptions} */
  const options = {
    title: "Save Diagnostics",
    defaultPath: path.join(app.getPath("downloads"), name),
    filters: [{ name: "ZIP archive", extensions: ["zip"] }],
    properties: ["createDirectory", "showOverwriteConfirmation"],
  };
  const { canceled, filePath } = await (window
    ? dialog.showSaveDialog(window, options)
    : dialog.showSaveDialog(options));
  if (canceled || !filePath) {
    return;
  }
  try {
    await collect(application, filePath);
    shell.showItemInFolder(filePath);
  } catch (error) {
    log.error(`Diagnostics: ${error}`);
    await dialog.showMessageBox({
      type: "warning",
      message: "The diagnostics could not be saved.",
      detail:
        `Reason: ${reasonOf(error)}\nWhat to do: open the logs from the Help menu, ` +
        "and add the files in that folder to your report.",
    });
  }
}

/** @param {import("./application").Application} application @param {string} file */
async function collect({ diagnostics }, file) {
  const { file: program, words, folder, environment } = diagnostics(file);
  const settings = { cwd: folder, env: environment, timeout: PATIENCE_MS, windowsHide: true };
  await run(program, [...words], settings);
}

/** @param {unknown} error of a program that was run */
function reasonOf(error) {
  const { stderr, message } = /** @type {Error & { stderr?: string }} */ (error);
  return stderr?.trim() || message;
}

module.exports = { saveDiagnostics };
