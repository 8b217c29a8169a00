"use strict";

/**
 * What the failure page says, in a message box: for a window whose page stays, since it holds what
 * was typed into it.
 */

const { dialog } = require("electron");

const BUTTONS = Object.freeze(["Try Again", "Open Logs", "Later"]);
const [TRY_AGAIN, OPEN_LOGS, LATER] = [0, 1, 2];

/**
 * @typedef {object} FailureBoxOptions
 * @property {import("./status").StatusKeeper} status
 * @property {import("../log").Log} log
 * @property {() => unknown} openLogs
 *
 * @typedef {object} FailureBox
 * @property {(again: () => void) => void} open Show it, unless it is shown; call `again` if the
 *   user wants to try again.
 * @property {() => void} close Take it away: it is no longer true.
 */

/**
 * Make the box of a window.
 *
 * @param {Electron.BrowserWindow} window
 * @param {FailureBoxOptions} options
 * @returns {FailureBox}
 */
function createFailureBox(window, { status, log, openLogs }) {
  /** @type {AbortController | null} */
  let shown = null;
  const close = () => {
    shown?.abort();
    shown = null;
  };
  const open = (/** @type {() => void} */ again) => {
    if (shown !== null) {
      return;
    }
    const own = new AbortController();
    shown = own;
    const act = (/** @type {number} */ answer) => {
      if (shown !== own) {
        return; // It was taken away.
      }
      shown = null;
      if (answer === TRY_AGAIN) {
        again();
      } else if (answer === OPEN_LOGS) {
        openLogs();
        open(again);
      }
    };
    dialog
      .showMessageBox(window, { ...question(status.current()), signal: own.signal })
      .then(({ response }) => act(response))
      .catch((error) => {
        close();
        log.warning(`The failure was not told: ${error.message}`);
      });
  };
  return { close, open };
}

/**
 * @param {import("./types").ShellStatus} status
 * @returns {Electron.MessageBoxOptions}
 */
function question({ name, message, support }) {
  const [what = "", ...lines] = message.split("\n");
  return {
    type: "error",
    title: name,
    message: what,
    detail: [...lines, ...(support === "" ? [] : [`Support: ${support}`])].join("\n"),
    buttons: [...BUTTONS],
    defaultId: TRY_AGAIN,
    cancelId: LATER,
    noLink: true,
  };
}

module.exports = { createFailureBox };
