"use strict";

/** What the application does when the computer is shut down. Windows asks in its own way. */

/**
 * @typedef {object} Shutdown
 * @property {boolean} delay whether the system has to be asked to wait
 * @property {import("../patience").StopReason} reason that the server is stopped for
 */

/**
 * It waits for those who ask, five seconds as a rule: InhibitDelayMaxSec in logind.conf(5).
 *
 * @type {Readonly<Shutdown>}
 */
const LINUX = Object.freeze({ delay: true, reason: "session-end" });

/**
 * It waits until the application has ended, or until its user wants to stay. If it was asked to wait
 * as well, the entry Quit would do nothing from then on.
 *
 * @type {Readonly<Shutdown>}
 */
const MACOS = Object.freeze({ delay: false, reason: "quit" });

/**
 * @param {string} platform
 * @returns {Readonly<Shutdown>}
 */
function shutdownOn(platform) {
  return platform === "darwin" ? MACOS : LINUX;
}

module.exports = { shutdownOn };
