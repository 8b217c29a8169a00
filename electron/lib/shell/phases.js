"use strict";

/** When each step of the start was reached, for whoever measures it. */

const { performance } = require("node:perf_hooks");

/** @type {Map<string, number>} */
const reached = new Map();

/** Note that a step was reached; the first time counts.
 * @param {string} name */
function mark(name) {
  if (!reached.has(name)) {
    reached.set(name, performance.now());
  }
}

/** The steps so far, in the order they were reached: milliseconds since the process started.
 * @returns {Record<string, number>} */
function marks() {
  /** @type {Record<string, number>} */
  const found = {};
  for (const [name, moment] of reached) {
    found[name] = Math.round(moment);
  }
  return found;
}

module.exports = { mark, marks };
