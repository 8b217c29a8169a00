"use strict";

/**
 * Whether a server that has ended is started again, and after which pause.
 */

/** So many restarts within the period: the next crash is one too many. */
const PERIOD_MS = 5 * 60 * 1000;
const PAUSES_MS = Object.freeze([500, 2000, 5000]);

/**
 * Exit codes of the runtime (its `errors.py`) for what the next start meets again: wrong start
 * line, damaged bundle, broken project, unusable data folder, failed update, data in use, newer
 * database, missing data.
 */
const LASTING = Object.freeze([2, 3, 4, 5, 7, 8, 9, 10]);

/**
 * @typedef {object} RestartDecision
 * @property {number | null} pause milliseconds until the restart; null: none, give up
 * @property {readonly number[]} crashes those that still count, for the next time
 */

/**
 * Decide after a crash of a server that has been ready, or of its restart.
 *
 * @param {readonly number[]} crashes when the earlier ones happened, in milliseconds
 * @param {{ now: number, code: number | null }} crash code: null if a signal ended the server
 * @returns {RestartDecision}
 */
function decideRestart(crashes, { now, code }) {
  const counting = [...crashes.filter((time) => now - time < PERIOD_MS), now];
  const lasting = code !== null && LASTING.includes(code);
  const pause = lasting ? undefined : PAUSES_MS[counting.length - 1];
  return { pause: pause ?? null, crashes: counting };
}

module.exports = { PAUSES_MS, PERIOD_MS, decideRestart };
