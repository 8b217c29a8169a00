"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { firstOf } = require("../lib/shell/front");

/** @param {string} name @param {boolean} gone */
function window(name, gone) {
  return { name, isDestroyed: () => gone };
}

/** @type {[string, ReturnType<typeof window>[], string | undefined][]} */
const CASES = [
  ["none", [], undefined],
  ["the splash", [window("splash", false), window("main", false)], "splash"],
  ["the main one", [window("splash", true), window("main", false)], "main"],
  ["another", [window("main", true), window("a", false), window("b", false)], "a"],
  ["all are gone", [window("main", true)], undefined],
];

for (const [what, windows, expected] of CASES) {
  test(`the window in front: ${what}`, () => {
    assert.equal(firstOf(windows)?.name, expected);
  });
}
