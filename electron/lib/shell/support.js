"use strict";

/** Whom people write to when the application does not do what it should: the project says it. */

const { openOutside } = require("./external");

/** As build_support's `projects/desktop.py` has it. */
const E_MAIL = /^[\w.+-]+@[\w-]+(\.[\w-]+)+$/;

/**
 * Return what `support` of the project leads to: an address to open.
 *
 * @param {string} support an e-mail address or an https address; empty where there is none
 * @returns {string | null}
 */
function supportAddress(support) {
  if (support.startsWith("https://")) {
    return support;
  }
  return E_MAIL.test(support) ? `mailto:${support}` : null;
}

/**
 * Open it, in the browser or the mail program.
 *
 * @param {{ support: string }} application
 * @param {import("../log").Log} log
 */
function openSupport({ support }, log) {
  const address = supportAddress(support);
  if (address !== null) {
    openOutside(address, log);
  }
}

module.exports = { openSupport, supportAddress };
