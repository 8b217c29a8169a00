"use strict";

/** Links that lead out of the application: to the browser, or to the mail program. */

const { shell } = require("electron");
const { externalAddress } = require("../policy/navigation");

/**
 * Open `url` in the program that the system has for it, if it is one that may be opened.
 *
 * @param {string} url
 * @param {import("../log").Log} log
 */
function openOutside(url, log) {
  const address = externalAddress(url);
  if (address === null) {
    return;
  }
  shell.openExternal(address).catch((error) => {
    log.warning(`No program opened a link: ${error.message}`);
  });
}

module.exports = { openOutside };
