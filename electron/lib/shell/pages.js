"use strict";

/** The shell's own pages, under djdesk://shell/: a fixed list of files, each with a strict policy. */

const fs = require("node:fs");
const path = require("node:path");
const { protocol } = require("electron");

const SCHEME = "djdesk";
const ORIGIN = `${SCHEME}://shell`;
const FOLDER = path.join(__dirname, "..", "..", "pages");

const SPLASH = `${ORIGIN}/splash.html`;
const FAILURE = `${ORIGIN}/failure.html`;
const FIND = `${ORIGIN}/find.html`;

/** @type {Readonly<Record<string, string>>} */
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
};

const NAMES = Object.freeze([
  "shell.css",
  ...["splash.html", "splash.css", "splash.js"],
  ...["failure.html", "failure.css", "failure.js"],
  ...["find.html", "find.css", "find.js"],
]);

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Make the scheme one with origins of its own. To be called before the application is ready. */
function registerScheme() {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true } },
  ]);
}

/** The file that an address of the scheme means, or null.
 * @param {string} address */
function fileOf(address) {
  const { host, pathname } = new URL(address);
  const name = pathname.slice(1);
  return host === "shell" && NAMES.includes(name) ? name : null;
}

/** @param {string | null} name */
function answer(name) {
  if (name === null) {
    return new Response("Not found", { status: 404, headers: { "content-type": "text/plain" } });
  }
  return new Response(fs.readFileSync(path.join(FOLDER, name)), {
    headers: {
      "content-type": /** @type {string} */ (TYPES[path.extname(name)]),
      "content-security-policy": CONTENT_SECURITY_POLICY,
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    },
  });
}

/** Answer requests for the pages in a session.
 * @param {Electron.Session} session */
function servePages(session) {
  session.protocol.handle(SCHEME, (request) => answer(fileOf(request.url)));
}

module.exports = { FAILURE, FIND, ORIGIN, SPLASH, fileOf, registerScheme, servePages };
