"use strict";

/** The addresses of the shell's own pages, and the files that they are made of. */

const SCHEME = "djdesk";
const HOST = "shell";
const ORIGIN = `${SCHEME}://${HOST}`;

const SPLASH = `${ORIGIN}/splash.html`;
const FAILURE = `${ORIGIN}/failure.html`;
const FIND = `${ORIGIN}/find.html`;

/** The application's icon, which is no file of the shell's. */
const ICON = "icon.png";

const FILES = Object.freeze([
  "shell.css",
  ...["splash.html", "splash.css", "splash.js"],
  ...["failure.html", "failure.css", "failure.js"],
  ...["find.html", "find.css", "find.js"],
]);

/**
 * Return the file that an address of the scheme means, or null.
 *
 * @param {string} address
 * @returns {string | null}
 */
function fileOf(address) {
  const { host, pathname } = new URL(address);
  const name = pathname.slice(1);
  return host === HOST && FILES.includes(name) ? name : null;
}

/**
 * Tell whether an address of the scheme means the application's icon.
 *
 * @param {string} address
 */
function isIcon(address) {
  const { host, pathname } = new URL(address);
  return host === HOST && pathname === `/${ICON}`;
}

/**
 * Tell whether an address is one of the shell's own.
 *
 * @param {string} address
 */
function isShellPage(address) {
  return address.startsWith(`${ORIGIN}/`);
}

module.exports = { FAILURE, FILES, FIND, ORIGIN, SCHEME, SPLASH, fileOf, isIcon, isShellPage };
