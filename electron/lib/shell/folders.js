"use strict";

/** The folders of the application, opened in the system's file manager. */

const fs = require("node:fs");
const { dialog, shell } = require("electron");

/**
 * Open a folder; it is made first where there is none yet.
 *
 * @param {string} folder
 */
async function openFolder(folder) {
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch {
    // Said below: what cannot be made cannot be opened.
  }
  const error = await shell.openPath(folder);
  if (error !== "") {
    await dialog.showMessageBox({
      type: "warning",
      message: "The folder could not be opened.",
      detail: `${folder}\n\nReason: ${error}\nWhat to do: open it with your file manager.`,
    });
  }
}

module.exports = { openFolder };
