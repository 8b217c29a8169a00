"use strict";

/** What the application does when the computer is shut down. Windows asks in its own way. */

/**
 * @typedef {object} Shutdown
 * @property {boolean} delay whether the system has to be asked to wait
 * @property {import("../patience").StopReason} reason that the server is stopped for
 */

/** @type {Readonly<Record<string, Shutdown>>} */
const SHUTDOWNS = Object.freeze({
  // It waits for those who ask, five seconds as a rule: InhibitDelayMaxSec in logind.conf(5).
  linux: Object.freeze({ delay: true, reason: "session-end" }),
  // It waits until the application has ended, or until its user wants to stay. If it was asked to
  // wait as well, the entry Quit would do nothing from then on.
  darwin: Object.freeze({ delay: false, reason: "quit" }),
});

const ELSEWHERE = Object.freeze({ delay: false, reason: "session-end" });

/**
 * @param {string} platform
 * @returns {Shutdown}
 */
function shutdownOn(platform) {
  return SHUTDOWNS[platform] ?? /** @type {Shutdown} */ (ELSEWHERE);
}

module.exports = { shutdownOn };
