"use strict";

const assert = require("node:assert/strict");
const crypto = require("node:crypto");
const { test } = require("node:test");

const { STOP_LINE, isProven, newSecret, proofOf, startLine } = require("../lib/start_line");

const TOKEN = "t".repeat(43);
const NONCE = "n".repeat(43);
const SECRETS = { token: TOKEN, nonce: NONCE };
const URL_OF_8137 = "http://127.0.0.1:8137/";

test("a secret is one that the runtime takes, and never the same", () => {
  const secrets = Array.from({ length: 500 }, newSecret);
  for (const secret of secrets) {
    assert.match(secret, /^[A-Za-z0-9_-]{43}$/);
  }
  assert.equal(new Set(secrets).size, secrets.length);
});

test("the start line is one line of JSON", () => {
  const line = startLine({ ...SECRETS, dataDir: 'C:\\Üsers\\"a\nb"', port: 8137 });
  assert.equal(line.indexOf("\n"), line.length - 1);
  assert.deepEqual(JSON.parse(line), {
    token: TOKEN,
    nonce: NONCE,
    data_dir: 'C:\\Üsers\\"a\nb"',
    port: 8137,
  });
});

test("no port is no preference: the server remembers its own", () => {
  const content = JSON.parse(startLine({ ...SECRETS, dataDir: "/srv", port: 0 }));
  assert.ok(!("port" in content));
});

test("a line that no server reads is not written", () => {
  assert.throws(() => startLine({ ...SECRETS, dataDir: "/x".repeat(40000), port: 0 }), RangeError);
  assert.throws(() => startLine({ ...SECRETS, dataDir: "€".repeat(22000), port: 0 }), RangeError);
});

test("the command to stop is one line of JSON", () => {
  assert.deepEqual(JSON.parse(STOP_LINE), { command: "stop" });
  assert.ok(STOP_LINE.endsWith("\n"));
});

test("the proof is what the contract says", () => {
  const message = `djdesk-ready\n${NONCE}\n${URL_OF_8137}`;
  const expected = crypto.createHmac("sha256", TOKEN).update(message, "utf8").digest("hex");
  assert.equal(proofOf(SECRETS, URL_OF_8137), expected);
});

const GOOD = { url: URL_OF_8137, port: 8137, proof: proofOf(SECRETS, URL_OF_8137) };

/** @type {[string, Partial<typeof GOOD>, boolean][]} */
const CASES = [
  ["right", {}, true],
  ["none", { proof: "" }, false],
  ["another", { proof: "0".repeat(64) }, false],
  ["cut", { proof: GOOD.proof.slice(0, 63) }, false],
  ["longer", { proof: `${GOOD.proof}0` }, false],
  ["in capitals", { proof: GOOD.proof.toUpperCase() }, false],
  ["as many characters, more bytes", { proof: "é".repeat(64) }, false],
  ["another token", { proof: proofOf({ token: "x", nonce: NONCE }, URL_OF_8137) }, false],
  ["another nonce", { proof: proofOf({ token: TOKEN, nonce: "x" }, URL_OF_8137) }, false],
  ["about another address", { proof: proofOf(SECRETS, "http://127.0.0.1:8138/") }, false],
  ["another port", { port: 8138 }, false],
  ["no port", { port: 0 }, false],
];

for (const [what, change, proven] of CASES) {
  test(`a proof: ${what}`, () => {
    assert.equal(isProven({ ...GOOD, ...change }, SECRETS), proven);
  });
}

const FOREIGN = [
  "http://127.0.0.1:8137",
  "http://127.0.0.1:8137/x",
  "https://127.0.0.1:8137/",
  "http://localhost:8137/",
  "http://example.com:8137/",
  "http://127.0.0.1:8137@example.com/",
  "",
];

for (const url of FOREIGN) {
  test(`a proof about ${JSON.stringify(url)} is none`, () => {
    assert.equal(isProven({ url, port: 8137, proof: proofOf(SECRETS, url) }, SECRETS), false);
  });
}
