"use strict";

/**
 * What the user is told when the server does not do what it should.
 */

const { ShellError, reasonOf } = require("./errors");

/**
 * How a server has ended.
 *
 * @typedef {object} Ending
 * @property {number | null} code exit code; null if a signal ended it, or if it was never started
 * @property {string | null} signal
 * @property {Error | null} error why it could not be started, or not be ended
 */

const REPORT = "Try again. If it happens again, save the diagnostics and report it.";
const REINSTALL = "Install the application again. A virus scanner may have removed or blocked it.";

/** With this exit code the launcher says that there is no runtime beside it to tell what happened. */
const DAMAGED = 3;

/**
 * @param {Ending} ending of a server that was never ready
 * @param {string} file the program
 * @returns {string}
 */
function endedEarly({ code, error }, file) {
  if (error !== null) {
    const why = `${file}: ${reasonOf(error)}`;
    return new ShellError("The application could not be started.", { why, next: REINSTALL })
      .message;
  }
  if (code === DAMAGED) {
    const why = "Files of it are missing or were changed.";
    return new ShellError("The application is damaged.", { why, next: REINSTALL }).message;
  }
  const why = "It ended by itself. The end of its log may tell the reason.";
  return new ShellError("The application ended while it was starting.", { why, next: REPORT })
    .message;
}

/**
 * @param {number} crashes how many servers have ended
 * @returns {string}
 */
function endedTooOften(crashes) {
  const times = crashes === 1 ? "" : ` ${crashes} times in a short while`;
  const why = `It ended by itself${times}.`;
  return new ShellError("The application has stopped.", { why, next: REPORT }).message;
}

/**
 * @param {number} silence milliseconds
 * @returns {string}
 */
function silent(silence) {
  const why = `Nothing was heard from its server for ${Math.round(silence / 1000)} seconds.`;
  return new ShellError("The application does not start.", { why, next: REPORT }).message;
}

/** @returns {string} */
function unproven() {
  const why = "The server that answered is not the one that was started.";
  return new ShellError("The application could not be started safely.", { why, next: REPORT })
    .message;
}

/**
 * Return how a server has ended, in technical terms: for the log, and the end of it
 * that is shown.
 *
 * @param {Ending} ending
 * @returns {string} one line
 */
function howItEnded({ code, signal, error }) {
  if (error !== null) {
    return `[The server was not started: ${reasonOf(error)}]`;
  }
  const how = signal === null ? `exit code ${code ?? "unknown"}` : `signal ${signal}`;
  return `[The server ended with ${how}.]`;
}

module.exports = { endedEarly, endedTooOften, howItEnded, silent, unproven };
