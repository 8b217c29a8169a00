"use strict";

/**
 * What a smoke test has seen, as one JSON document.
 */

const fs = require("node:fs");

const SCHEMA = 1;

/**
 * Collects what is seen. Without a problem, and with every step taken, the test has passed.
 */
class Report {
  /** @param {readonly string[]} steps that have to be taken */
  constructor(steps) {
    this.steps = steps;
    /** @type {string[]} */
    this.taken = [];
    /** @type {string[]} */
    this.problems = [];
    /** @type {string[]} */
    this.warnings = [];
    /** @type {Record<string, unknown>} */
    this.facts = {};
  }

  /** @param {string} step one that has been taken well */
  took(step) {
    this.taken.push(step);
  }

  /** @param {string} problem */
  blame(problem) {
    this.problems.push(problem);
  }

  /** @param {string} warning about the project, of which the package is not to blame */
  warn(warning) {
    this.warnings.push(warning);
  }

  /** @param {string} name @param {unknown} value */
  note(name, value) {
    this.facts[name] = value;
  }

  /** The first step that was not taken, or null. */
  missing() {
    return this.steps.find((step) => !this.taken.includes(step)) ?? null;
  }

  isGood() {
    return this.problems.length === 0 && this.missing() === null;
  }

  /**
   * Return the document.
   *
   * @param {Record<string, number>} phases milliseconds since the process started
   */
  document(phases) {
    return {
      schema: SCHEMA,
      ok: this.isGood(),
      problems: this.problems,
      warnings: this.warnings,
      steps: this.taken,
      missing: this.missing(),
      ...this.facts,
      phases_ms: phases,
    };
  }
}

/**
 * Write a document into a file, or onto standard output if there is no file.
 *
 * @param {object} document
 * @param {string | null} file
 */
function writeReport(document, file) {
  const text = `${JSON.stringify(document, null, 2)}\n`;
  if (file === null) {
    // Synchronous, because the process is about to end.
    fs.writeSync(1, text);
  } else {
    fs.writeFileSync(file, text);
  }
}

module.exports = { Report, writeReport };
