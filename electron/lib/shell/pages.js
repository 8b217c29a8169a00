"use strict";

/** The shell's own pages, under djdesk://shell/: a fixed list of files with a strict policy. */

const fs = require("node:fs");
const path = require("node:path");
const { protocol } = require("electron");
const { SCHEME, fileOf, isIcon } = require("./addresses");

const FOLDER = path.join(__dirname, "..", "..", "pages");

/** @type {Readonly<Record<string, string>>} */
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
};

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
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

/** @param {string | null} file */
function answer(file) {
  if (file === null) {
    return new Response("Not found", { status: 404, headers: { "content-type": "text/plain" } });
  }
  return new Response(fs.readFileSync(file), {
    headers: {
      "content-type": /** @type {string} */ (TYPES[path.extname(file)]),
      "content-security-policy": CONTENT_SECURITY_POLICY,
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    },
  });
}

/**
 * Answer requests for the pages in a session, and for the icon that is on them.
 *
 * @param {Electron.Session} session
 * @param {string} icon a PNG or SVG file; empty where there is none
 */
function servePages(session, icon) {
  const find = (/** @type {string} */ url) => {
    if (isIcon(url)) {
      return icon === "" ? null : icon;
    }
    const name = fileOf(url);
    return name === null ? null : path.join(FOLDER, name);
  };
  session.protocol.handle(SCHEME, ({ url }) => answer(find(url)));
}

module.exports = { registerScheme, servePages };
