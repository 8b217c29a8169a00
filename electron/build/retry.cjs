"use strict";

/**
 * Signing asks services for the time, and those often fail for a minute: signing is tried again as
 * long as the failure looks like one that passes. The same as in build_support/signing/commands.py.
 */

const PAUSES = [2, 5, 15, 30];
const PASSING =
  /time ?stamp|network|connection|connect to|timed? ?out|temporar|unavailable|\b50[0234]\b/i;

/** @param {number} seconds */
function sleepFor(seconds) {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

/**
 * Return what `action` returns; a failure that may pass is tried again after a pause.
 *
 * @template T
 * @param {() => T | Promise<T>} action
 * @param {(seconds: number) => Promise<unknown>} [sleep]
 * @returns {Promise<T>}
 */
async function retry(action, sleep = sleepFor) {
  for (const pause of PAUSES) {
    try {
      return await action();
    } catch (error) {
      if (!PASSING.test(String(error))) {
        throw error;
      }
    }
    await sleep(pause);
  }
  return action();
}

module.exports = { PAUSES, retry };
