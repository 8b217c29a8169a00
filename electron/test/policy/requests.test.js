"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { addressAt, isRequestAllowed } = require("../../lib/policy/requests");
const { judgeNavigation, judgeWindowOpen } = require("../../lib/policy/navigation");

const ORIGIN = "http://127.0.0.1:8137";
const READY = { origin: ORIGIN, ready: true, ports: [8136, 8137] };
const LOST = { ...READY, ready: false };
const NEW = { origin: null, ready: false, ports: [] };

/** @type {[string, boolean, boolean, boolean][]} address; while it serves, is lost, was never there */
const CASES = [
  [`${ORIGIN}/notes/?a=b`, true, false, false],
  ["ws://127.0.0.1:8137/updates", true, false, false],
  ["http://127.1:8137/", true, false, false],
  // Where a server of the application was, by all names of this computer.
  ["http://127.0.0.1:8136/", false, false, false],
  ["ws://127.0.0.1:8136/", false, false, false],
  ["https://127.0.0.1:8136/", false, false, false],
  ["wss://127.0.0.1:8136/", false, false, false],
  ["ftp://127.0.0.1:8136/", false, false, false],
  ["http://localhost:8136/", false, false, false],
  ["http://LOCALHOST.:8136/", false, false, false],
  ["http://notes.localhost:8136/", false, false, false],
  ["http://[::1]:8136/", false, false, false],
  ["http://[::ffff:127.0.0.1]:8136/", false, false, false],
  ["http://[::ffff:7f00:1]:8136/", false, false, false],
  ["http://0.0.0.0:8136/", false, false, false],
  ["http://0:8136/", false, false, false],
  ["http://[::]:8136/", false, false, false],
  ["http://127.0.0.2:8136/", false, false, false],
  ["http://2130706433:8136/", false, false, false],
  // Where it is now, but not by its origin: another program may listen there.
  ["https://127.0.0.1:8137/", false, false, false],
  ["http://localhost:8137/", false, false, false],
  ["http://[::1]:8137/", false, false, false],
  ["http://user@127.0.0.1:8137/", false, false, false],
  ["ws://user:secret@127.0.0.1:8137/", false, false, false],
  // Other servers of this computer, as a developer has them.
  ["http://localhost:5173/src/main.js", true, false, false],
  ["ws://127.0.0.1:5173/", true, false, false],
  ["http://127.0.0.1/", true, false, false],
  // Elsewhere.
  ["https://tiles.example.org:8136/1/2/3.png", true, true, true],
  ["http://localhost.example.org:8136/", true, true, true],
  ["http://example.org/127.0.0.1:8136/", true, true, true],
  // Not of the network.
  ["djdesk://shell/splash.html", true, true, true],
  ["data:text/plain,x", true, true, true],
  ["blob:http://127.0.0.1:8136/5a0c3a0e", true, true, true],
  ["nonsense", false, false, false],
];

for (const [url, ready, lost, before] of CASES) {
  test(`${url}: ${ready}, ${lost}, ${before}`, () => {
    assert.equal(isRequestAllowed(url, READY), ready);
    assert.equal(isRequestAllowed(url, LOST), lost);
    assert.equal(isRequestAllowed(url, NEW), before);
  });
}

test("a server on the usual port of HTTP", () => {
  const state = { origin: "http://127.0.0.1", ready: true, ports: [80] };
  assert.ok(isRequestAllowed("http://127.0.0.1:80/", state));
  assert.ok(!isRequestAllowed("http://localhost/", state));
  assert.ok(!isRequestAllowed("ws://127.0.0.1/", { ...state, ready: false }));
});

test("what leads to where the server was goes to no other program", () => {
  for (const url of ["http://127.0.0.1:8136/a", "https://localhost:8136/", "http://[::1]:8137/"]) {
    assert.equal(judgeNavigation({ url, ...READY, mainFrame: true }), "moved", url);
    assert.equal(judgeNavigation({ url, ...READY, mainFrame: false }), "deny", url);
    assert.equal(judgeWindowOpen(url, READY.origin, READY.ports), "moved", url);
  }
  const url = "http://127.0.0.1:8135/";
  assert.equal(judgeNavigation({ url, ...READY, mainFrame: true }), "browser");
});

test("an address where the server is now", () => {
  assert.equal(addressAt(`${ORIGIN}/`, "http://127.0.0.1:8136/a?b#c"), `${ORIGIN}/a?b#c`);
  assert.equal(addressAt(ORIGIN, "http://127.0.0.1:8136//example.org/"), `${ORIGIN}//example.org/`);
});
