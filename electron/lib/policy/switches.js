"use strict";

/**
 * Command-line switches that a packaged application does not start with.
 *
 * Who can start the application can do much else. But a switch is easily hidden in a shortcut, and
 * with one of these the window is no longer what its user takes it for.
 */

/**
 * Names in lower case; one that ends with "*" stands for all that begin so.
 *
 * Not here: `no-sandbox`, which an AppImage needs where the system denies user namespaces.
 */
const REFUSED = Object.freeze([
  // Another program looks into the pages or the main process.
  "remote-debugging-*",
  "remote-allow-origins",
  "inspect*",
  "debug",
  "debug-*",
  "js-flags",
  "enable-automation",
  // The rules between pages are off.
  "disable-web-security",
  "disable-site-isolation-trials",
  "allow-running-insecure-content",
  "allow-file-access-from-files",
  "unsafely-treat-insecure-origin-as-secure",
  "ignore-certificate-errors*",
  "single-process",
  "load-extension",
  // The requests, and the token in them, go elsewhere or into a file.
  "proxy-*",
  "host-rules",
  "host-resolver-rules",
  "log-net-log",
  "net-log-*",
  "trace-*",
  "enable-tracing*",
  // Another program is started in place of Chromium's own.
  "*-cmd-prefix",
  "*-launcher",
  "browser-subprocess-path",
  // The profile lies elsewhere, and with it the lock that makes the second start find the first.
  "user-data-dir",
]);

/** What a switch begins with. */
const PREFIX = /^--?/;
const WINDOWS_PREFIX = /^(--?|\/)/;

/**
 * Return the names of the switches in `words` that a packaged application refuses.
 *
 * Reads them as Chromium does: one or two dashes, on Windows a slash as well; "--" ends them.
 *
 * @param {readonly string[]} words the command line without the program
 * @param {{ packaged: boolean, platform: string }} application
 * @returns {string[]} without dashes and values, in order
 */
function refusedSwitches(words, { packaged, platform }) {
  if (!packaged) {
    return [];
  }
  const prefix = platform === "win32" ? WINDOWS_PREFIX : PREFIX;
  const end = words.indexOf("--");
  const switches = (end === -1 ? words : words.slice(0, end)).filter((word) => prefix.test(word));
  const names = switches.map((word) => word.replace(prefix, "").replace(/=.*/s, "").toLowerCase());
  return names.filter((name) => REFUSED.some((pattern) => matches(name, pattern)));
}

/**
 * @param {string} name
 * @param {string} pattern
 */
function matches(name, pattern) {
  if (pattern.startsWith("*")) {
    return name.endsWith(pattern.slice(1));
  }
  if (pattern.endsWith("*")) {
    return name.startsWith(pattern.slice(0, -1));
  }
  return name === pattern;
}

module.exports = { refusedSwitches };
