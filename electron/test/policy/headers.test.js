"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const {
  answerHeaders,
  carriesToken,
  isOwnRequest,
  requestHeaders,
} = require("../../lib/policy/headers");

const ORIGIN = "http://127.0.0.1:8137";
const TOKEN = "t".repeat(43);
const SENT = { "X-DJDesk-Token": TOKEN };
const GOOD = { url: `${ORIGIN}/notes/`, origin: ORIGIN, ready: true, held: true, ownWindow: true };

/** @type {[Partial<Parameters<typeof carriesToken>[0]>, boolean][]} */
const CASES = [
  [{}, true],
  [{ url: "HTTP://127.0.0.1:8137/" }, true],
  [{ url: "ws://127.0.0.1:8137/updates" }, true],
  [{ url: "http://127.0.0.1/", origin: "http://127.0.0.1:80" }, true],
  [{ url: "ws://127.0.0.1:80/", origin: "http://127.0.0.1" }, true],
  [{ url: "http://127.0.0.1:8137\\@example.com/" }, true],
  [{ ready: false }, false],
  [{ ownWindow: false }, false],
  [{ origin: null }, false],
  [{ origin: "" }, false],
  [{ origin: "null", url: "about:blank" }, false],
  [{ origin: "https://127.0.0.1:8137", url: "https://127.0.0.1:8137/" }, false],
  [{ url: "https://127.0.0.1:8137/" }, false],
  [{ url: "wss://127.0.0.1:8137/" }, false],
  [{ url: "ftp://127.0.0.1:8137/" }, false],
  [{ url: "http://127.0.0.1:8138/" }, false],
  [{ url: "ws://127.0.0.1:8138/" }, false],
  [{ url: "http://127.0.0.1/" }, false],
  [{ url: "http://localhost:8137/" }, false],
  [{ url: "ws://localhost:8137/" }, false],
  [{ url: "http://[::1]:8137/" }, false],
  [{ url: "http://127.0.0.1.example.com:8137/" }, false],
  [{ url: "http://127.0.0.1:8137@example.com/" }, false],
  [{ url: "http://user@127.0.0.1:8137/" }, false],
  [{ url: "ws://user@127.0.0.1:8137/" }, false],
  [{ url: "https://example.com/?http://127.0.0.1:8137/" }, false],
  [{ url: "blob:http://127.0.0.1:8137/5a0c3a0e" }, false],
  [{ url: "file:///etc/passwd" }, false],
  [{ url: "djdesk://shell/splash.html" }, false],
  [{ url: "constructor:x" }, false],
  [{ url: "nonsense" }, false],
];

for (const [change, carries] of CASES) {
  test(`${JSON.stringify(change)}: ${carries ? "with" : "without"} the token`, () => {
    const request = { ...GOOD, ...change };
    assert.equal(carriesToken(request), carries);
    const headers = requestHeaders(request, { Accept: "*/*" }, TOKEN);
    const expected = carries ? { Accept: "*/*", ...SENT } : { Accept: "*/*" };
    assert.deepEqual(headers, expected);
  });
}

test("a token header of the page's own is replaced", () => {
  const theirs = { "x-djdesk-token": "guess", "X-DJDESK-TOKEN": "guess", Accept: "*/*" };
  const headers = requestHeaders(GOOD, theirs, TOKEN);
  assert.deepEqual(headers, { Accept: "*/*", ...SENT });
});

test("a connection is used once where another program could get the port meanwhile", () => {
  const headers = requestHeaders({ ...GOOD, held: false }, {}, TOKEN);
  assert.deepEqual(headers, { ...SENT, Connection: "close" });
  assert.deepEqual(requestHeaders({ ...GOOD, held: true }, headers, TOKEN), SENT);
});

test("cookies go to the server, and not to others of its host", () => {
  const own = { Cookie: "session=1" };
  const without = { ...GOOD, url: "http://127.0.0.1:8138/" };
  assert.deepEqual(requestHeaders(GOOD, own, TOKEN), { ...own, ...SENT });
  assert.deepEqual(requestHeaders(without, own, TOKEN), {});
  assert.deepEqual(requestHeaders({ ...GOOD, url: "wss://127.0.0.1:8137/" }, own, TOKEN), {});
  assert.deepEqual(requestHeaders({ ...GOOD, url: "https://example.com/" }, own, TOKEN), own);
});

test("cookies are set by the server, and not by others of its host", () => {
  const answer = { "set-cookie": ["session=1"], "Content-Type": ["text/html"] };
  assert.deepEqual(answerHeaders(GOOD, answer), answer);
  const other = { url: "http://127.0.0.1:8138/", origin: ORIGIN };
  assert.deepEqual(answerHeaders(other, answer), { "Content-Type": ["text/html"] });
  assert.deepEqual(answerHeaders({ ...other, url: "https://example.com/" }, answer), answer);
});

test("a redirect to elsewhere does not take the token along", () => {
  const redirected = { ...GOOD, url: "https://example.com/" };
  const first = requestHeaders(GOOD, { Accept: "*/*" }, TOKEN);
  assert.deepEqual(requestHeaders(redirected, first, TOKEN), { Accept: "*/*" });
});

test("the headers given are left as they are", () => {
  const given = Object.freeze({ Accept: "*/*", "X-DJDesk-Token": "guess" });
  requestHeaders(GOOD, given, TOKEN);
  assert.equal(given["X-DJDesk-Token"], "guess");
});

/** @type {[Partial<Parameters<typeof isOwnRequest>[0]>, boolean][]} */
const MAKERS = [
  [{}, true],
  [{ initiatorOrigin: ORIGIN }, true],
  [{ initiatorOrigin: ORIGIN, method: "POST" }, true],
  [{ initiatorOrigin: "null" }, true],
  [{ initiatorOrigin: "null", method: "HEAD" }, true],
  [{ initiatorOrigin: "null", method: "POST" }, false],
  [{ initiatorOrigin: "null", method: "get" }, false],
  [{ initiatorOrigin: "null", document: "" }, false],
  [{ initiatorOrigin: "null", document: "data:text/html,hello" }, false],
  [{ initiatorOrigin: "null", document: "about:srcdoc" }, false],
  [{ initiatorOrigin: "null", document: "http://127.0.0.1:8138/" }, false],
  [{ initiatorOrigin: "null", document: "https://example.com/" }, false],
  [{ initiatorOrigin: "https://example.com" }, false],
  [{ initiatorOrigin: "http://127.0.0.1:8138" }, false],
  [{ initiatorOrigin: "" }, false],
];

for (const [change, own] of MAKERS) {
  test(`a request by ${JSON.stringify(change)} is ${own ? "" : "not "}the application's`, () => {
    const request = { method: "GET", document: `${ORIGIN}/notes/`, ...change };
    assert.equal(isOwnRequest(request, ORIGIN), own);
  });
}

test("nobody's request is the application's while there is no server", () => {
  const request = { initiatorOrigin: "null", method: "GET", document: `${ORIGIN}/` };
  assert.equal(isOwnRequest(request, null), false);
});
