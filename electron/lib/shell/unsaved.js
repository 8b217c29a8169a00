"use strict";

/** A page that does not want to be left, because something in it is not saved: the user decides. */

const { BrowserWindow, dialog } = require("electron");
const { moveOf } = require("./catch_up");
const { isBeingCovered } = require("./cover");

const LEAVE = Object.freeze({
  message: "Leave this page?",
  detail: "What you have changed in it may not be saved.",
});

const LOAD_AGAIN = Object.freeze({
  message: "Load this page again?",
  detail:
    "The application had stopped and was started again. This page cannot save anything any more; " +
    "copy what you need from it before you leave it.",
});

/**
 * Ask before such a page is left. Without this, a window would silently refuse to close.
 *
 * It is not the user who leaves a page that the shell lays another over: then it stays. A page
 * that is left for the same at another address is not asked about if what was typed goes along.
 *
 * @param {Electron.WebContents} contents
 */
function askBeforeLeaving(contents) {
  contents.on("will-prevent-unload", (event) => {
    if (isBeingCovered(contents)) {
      return;
    }
    const move = moveOf(contents);
    if (move?.carriesText) {
      event.preventDefault(); // of the page's wish to stay
      return;
    }
    const window = BrowserWindow.fromWebContents(contents);
    /** @type {Electron.MessageBoxSyncOptions} */
    const options = {
      type: "question",
      ...(move === undefined ? LEAVE : LOAD_AGAIN),
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
