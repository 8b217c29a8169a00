"use strict";

/**
 * What travels between the shell and its own pages: shapes only, no code.
 *
 * @typedef {"starting" | "updating" | "running" | "stopping" | "failed"} Phase
 *
 * @typedef {object} ShellStatus What the splash and the failure page show.
 * @property {string} name The application's name.
 * @property {string} support Whom people write to; empty where the project names nobody.
 * @property {Phase} phase
 * @property {string} message One line of progress; for a failure, the lines "what happened",
 *   "Reason: …" and "What to do: …".
 * @property {string} detail How far that is, for people, or empty.
 * @property {number | null} fraction The same from 0 to 1, or null where it is not known.
 * @property {string} tail The end of the log, for a failure; otherwise empty.
 * @property {string} log The path of the log, or empty where there is none yet.
 *
 * @typedef {object} FindRequest
 * @property {string} text
 * @property {boolean} forward
 * @property {boolean} again Whether the text is that of the search before.
 *
 * @typedef {{active: number, matches: number}} FindResult
 *
 * @typedef {object} ShellBridge `window.djdeskShell`, on the splash and the failure page only.
 * @property {(callback: (status: ShellStatus) => void) => void} onStatus Called with the present
 *   status, then with each new one.
 * @property {() => void} retry
 * @property {() => void} openLogs
 * @property {() => Promise<void>} saveDiagnostics Fulfilled when that is done, or was cancelled.
 * @property {() => void} support
 * @property {() => void} quit
 *
 * @typedef {object} FindBridge `window.djdeskFind`, in the bar of find in page only.
 * @property {(request: FindRequest) => void} search
 * @property {(callback: (result: FindResult) => void) => void} onFound
 * @property {() => void} close
 */

module.exports = {};
