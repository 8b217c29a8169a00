"use strict";

/** What the switches of the smoke test ask for. */

const path = require("node:path");

const SWITCH = "smoke-test";
const SECONDS_SWITCH = "smoke-test-seconds";

/** A virus scanner looks at every file of a new application: its first start can take minutes. */
const SECONDS = 180;
const MOST_SECONDS = 3600;

/**
 * @typedef {object} SmokeRequest
 * @property {string | null} report the file that the report goes to; standard output if null
 * @property {number} seconds after which the test has failed, whatever it is doing
 */

/**
 * Read the switches `--smoke-test[=FILE]` and `--smoke-test-seconds=N`.
 *
 * @param {{ hasSwitch: (name: string) => boolean, getSwitchValue: (name: string) => string }} words
 * @param {string} workingFolder that a relative FILE is taken from
 * @returns {SmokeRequest | null} null if no smoke test is asked for
 */
function smokeRequest(words, workingFolder) {
  if (!words.hasSwitch(SWITCH)) {
    return null;
  }
  const file = words.getSwitchValue(SWITCH);
  const number = Number(words.getSwitchValue(SECONDS_SWITCH));
  const seconds = number > 0 && number <= MOST_SECONDS ? number : SECONDS;
  return { report: file === "" ? null : path.resolve(workingFolder, file), seconds };
}

module.exports = { smokeRequest };
