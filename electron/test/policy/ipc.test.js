"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { isTrustedSender } = require("../../lib/policy/ipc");

const ORIGIN = "http://127.0.0.1:8137";
const PAGE = `${ORIGIN}/notes/`;
const SPLASH = "djdesk://shell/splash.html";

/** @type {[string | null | undefined, boolean, string, string | null, boolean][]} */
const CASES = [
  // sender, main frame, channel, origin, trusted
  [PAGE, true, "app:notify", ORIGIN, true],
  [ORIGIN, true, "app:openFile", ORIGIN, true],
  [SPLASH, true, "shell:status", ORIGIN, true],
  [SPLASH, true, "shell:quit", null, true],
  ["djdesk://shell/failure.html", true, "shell:retry", null, true],
  ["djdesk://shell/find.html", true, "shell:find", ORIGIN, true],
  ["djdesk://shell/failure.html?a#b", true, "shell:retry", null, true],
  [PAGE, false, "app:notify", ORIGIN, false],
  [SPLASH, false, "shell:quit", ORIGIN, false],
  [PAGE, true, "shell:quit", ORIGIN, false],
  [SPLASH, true, "app:openFile", ORIGIN, false],
  [PAGE, true, "app:notify", null, false],
  ["http://127.0.0.1:8138/", true, "app:notify", ORIGIN, false],
  ["https://127.0.0.1:8137/", true, "app:notify", ORIGIN, false],
  ["http://localhost:8137/", true, "app:notify", ORIGIN, false],
  ["http://user@127.0.0.1:8137/", true, "app:notify", ORIGIN, false],
  ["https://example.com/", true, "app:notify", ORIGIN, false],
  ["blob:http://127.0.0.1:8137/5a0c3a0e", true, "app:openFile", ORIGIN, false],
  ["about:blank", true, "app:notify", ORIGIN, false],
  ["about:srcdoc", true, "app:notify", ORIGIN, false],
  ["file:///splash.html", true, "shell:quit", ORIGIN, false],
  ["djdesk://other/splash.html", true, "shell:quit", ORIGIN, false],
  ["djdesk://shell.example.com/splash.html", true, "shell:quit", ORIGIN, false],
  ["djdesk://shell:1/splash.html", true, "shell:quit", ORIGIN, false],
  ["djdesk://user@shell/splash.html", true, "shell:quit", ORIGIN, false],
  ["djdesk://shell/", true, "shell:quit", ORIGIN, false],
  ["djdesk://shell/x/splash.html", true, "shell:quit", ORIGIN, false],
  ["djdesk://shell/other.html", true, "shell:quit", ORIGIN, false],
  ["http://shell/splash.html", true, "shell:quit", ORIGIN, false],
  [PAGE, true, "notify", ORIGIN, false],
  [PAGE, true, "", ORIGIN, false],
  [PAGE, true, ":notify", ORIGIN, false],
  [PAGE, true, "application:notify", ORIGIN, false],
  [PAGE, true, "APP:notify", ORIGIN, false],
  [PAGE, true, "constructor:notify", ORIGIN, false],
  [PAGE, true, "__proto__:notify", ORIGIN, false],
  ["", true, "app:notify", ORIGIN, false],
  [null, true, "app:notify", ORIGIN, false],
  [undefined, true, "app:notify", ORIGIN, false],
];

for (const [frameUrl, isMainFrame, channel, origin, trusted] of CASES) {
  const where = isMainFrame ? "" : " in a frame";
  test(`${channel} from ${frameUrl}${where}, server ${origin}: ${trusted}`, () => {
    assert.equal(isTrustedSender(frameUrl, isMainFrame, channel, origin), trusted);
  });
}
