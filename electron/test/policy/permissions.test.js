"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");

const { RULES, isAllowed } = require("../../lib/policy/permissions");

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
  // What browsers grant without a question.
  ["fullscreen", PAGE, true, ORIGIN, true],
  ["clipboard-sanitized-write", PAGE, true, ORIGIN, true],
  ["pointerLock", PAGE, true, ORIGIN, true],
  ["keyboardLock", PAGE, true, ORIGIN, true],
  ["screen-wake-lock", PAGE, true, ORIGIN, true],
  ["persistent-storage", PAGE, true, ORIGIN, true],
  ["automatic-fullscreen", PAGE, true, ORIGIN, false],
  ["fullscreen", PAGE, false, ORIGIN, true],
  ["pointerLock", PAGE, false, ORIGIN, false],
  ["clipboard-sanitized-write", PAGE, false, ORIGIN, false],
  ["fullscreen", "https://example.com/", true, ORIGIN, false],
  ["fullscreen", "http://127.0.0.1:8138/", false, ORIGIN, false],
  ["fullscreen", "null", false, ORIGIN, false],
  ["fullscreen", PAGE, true, null, false],
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

test("what browsers ask about is not granted where nothing is listed", () => {
  const request = { requestingUrl: PAGE, origin: ORIGIN, allowed: [], mainFrame: true };
  for (const [permission, rule] of Object.entries(RULES)) {
    assert.equal(isAllowed(permission, request), rule === "granted", permission);
  }
});

test("a frame is given files that are picked only where that is listed", () => {
  const request = { requestingUrl: PAGE, origin: ORIGIN, allowed: ["fileSystem"], mainFrame: false };
  assert.ok(isAllowed("fileSystem", request));
  assert.ok(!isAllowed("fileSystem", { ...request, allowed: [] }));
});

test("the table has every permission that this Electron knows", () => {
  const types = path.join(__dirname, "..", "..", "node_modules", "electron", "electron.d.ts");
  const line = fs.readFileSync(types, "utf8").match(/setPermissionCheckHandler\(handler: .*/)?.[0] ?? "";
  const known = Array.from(line.matchAll(/'([\w-]+)'/g), ([, name]) => name);
  assert.ok(known.length > 0);
  assert.deepEqual(Object.keys(RULES).sort(), known.sort());
});
