"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { isAllowed } = require("../../lib/policy/permissions");

const ORIGIN = "http://127.0.0.1:8137";
const PAGE = `${ORIGIN}/notes/`;
const LISTED = ["notifications", "media", "openExternal", "unknown"];

/** @type {[string, string, boolean, string | null, boolean][]} */
const CASES = [
  // permission, asked for by, in the main frame, origin, granted
  ["notifications", PAGE, true, ORIGIN, true],
  ["notifications", ORIGIN, true, ORIGIN, true],
  ["media", `${ORIGIN}/`, true, ORIGIN, true],
  ["geolocation", PAGE, true, ORIGIN, false],
  ["clipboard-read", PAGE, true, ORIGIN, false],
  ["Notifications", PAGE, true, ORIGIN, false],
  ["notification", PAGE, true, ORIGIN, false],
  ["", PAGE, true, ORIGIN, false],
  ["constructor", PAGE, true, ORIGIN, false],
  ["openExternal", PAGE, true, ORIGIN, false],
  ["unknown", PAGE, true, ORIGIN, false],
  ["notifications", PAGE, false, ORIGIN, false],
  ["notifications", PAGE, true, null, false],
  ["notifications", "http://127.0.0.1:8138/", true, ORIGIN, false],
  ["notifications", "https://127.0.0.1:8137/", true, ORIGIN, false],
  ["notifications", "http://localhost:8137/", true, ORIGIN, false],
  ["notifications", "http://127.0.0.1:8137@example.com/", true, ORIGIN, false],
  ["notifications", "http://user@127.0.0.1:8137/", true, ORIGIN, false],
  ["notifications", "https://example.com/", true, ORIGIN, false],
  ["notifications", "blob:http://127.0.0.1:8137/5a0c3a0e", true, ORIGIN, false],
  ["notifications", "djdesk://shell/splash.html", true, ORIGIN, false],
  ["notifications", "about:blank", true, ORIGIN, false],
  ["notifications", "null", true, ORIGIN, false],
  ["notifications", "", true, ORIGIN, false],
];

for (const [permission, requestingUrl, mainFrame, origin, granted] of CASES) {
  const where = mainFrame ? "a page" : "a frame";
  test(`${permission} for ${where} at ${requestingUrl}, server ${origin}: ${granted}`, () => {
    const request = { requestingUrl, origin, allowed: LISTED, mainFrame };
    assert.equal(isAllowed(permission, request), granted);
  });
}

test("nothing is granted where nothing is listed", () => {
  const request = { requestingUrl: PAGE, origin: ORIGIN, allowed: [], mainFrame: true };
  for (const permission of ["notifications", "media", "fullscreen", "clipboard-sanitized-write"]) {
    assert.equal(isAllowed(permission, request), false);
  }
});
