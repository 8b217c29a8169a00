"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { nextState } = require("../lib/states");

/** @type {("start" | "ready" | "crash" | "fail" | "retry" | "stop" | "end")[]} */
const ACTIONS = ["start", "ready", "crash", "fail", "retry", "stop", "end"];

/**
 * Where each action leads to, in the order above; a dash for nowhere.
 *
 * @type {[Parameters<typeof nextState>[0], string][]}
 */
const TABLE = [
  ["idle", "starting - - - - stopped -"],
  ["starting", "- ready waiting failed - stopping -"],
  ["ready", "- - waiting failed - stopping -"],
  ["waiting", "starting - - - - stopped -"],
  ["failed", "- - - - starting stopped -"],
  ["stopping", "- - - - - - stopped"],
  ["stopped", "- - - - - - -"],
];

for (const [state, row] of TABLE) {
  test(`from ${state}`, () => {
    const found = ACTIONS.map((action) => nextState(state, action) ?? "-");
    assert.equal(found.join(" "), row);
  });
}
