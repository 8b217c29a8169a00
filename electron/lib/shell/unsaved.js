"use strict";

/** A page that does not want to be left, because something in it is not saved: the user decides. */

const { BrowserWindow, dialog } = require("electron");
const { isBeingCovered } = require("./cover");

/**
 * Ask before such a page is left. Without this, a window would silently refuse to close.
 *
 * It is not the user who leaves a page that the shell lays another over: then it stays.
 *
 * @param {Electron.WebContents} contents
 */
function askBeforeLeaving(contents) {
  contents.on("will-prevent-unload", (event) => {
    if (isBeingCovered(contents)) {
      return;
    }
    const window = BrowserWindow.fromWebContents(contents);
    /** @type {Electron.MessageBoxSyncOptions} */
    const options = {
      type: "question",
      message: "Leave this page?",
      detail: "What you have changed in it may not be saved.",
      buttons: ["Stay", "Leave"],
      defaultId: 0,
      cancelId: 0,
    };
    const answer = window
      ? dialog.showMessageBoxSync(window, options)
      : dialog.showMessageBoxSync(options);
    if (answer === 1) {
      event.preventDefault(); // of the page's wish to stay
    }
  });
}

module.exports = { askBeforeLeaving };
