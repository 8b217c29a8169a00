"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { standInForElectron } = require("./fixtures/electron");

/** @type {string[]} */
const opened = [];
standInForElectron({
  shell: {
    openExternal: (/** @type {string} */ url) => {
      opened.push(url);
      return Promise.resolve();
    },
  },
});

const { openSupport } = require("../lib/shell/support");

/** @type {[string, string[]][]} what the project says, and what is opened */
const CASES = [
  ["", []],
  ["help@example.org", ["mailto:help@example.org"]],
  ["https://example.org/help?a=b", ["https://example.org/help?a=b"]],
  // A manifest that was changed opens no file and starts no program either.
  ["file:///etc/passwd", []],
  ["https://user:secret@example.org/", []],
  ["help@example.org?attach=/etc/passwd", []],
];

for (const [support, expected] of CASES) {
  test(`support: ${support || "nobody"}`, () => {
    opened.length = 0;
    openSupport({ support }, /** @type {any} */ ({ warning: () => undefined }));
    assert.deepEqual(opened, expected);
  });
}
