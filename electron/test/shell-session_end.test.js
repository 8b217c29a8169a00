"use strict";

const assert = require("node:assert/strict");
const { EventEmitter } = require("node:events");
const { test } = require("node:test");

const { handleSessionEnd } = require("../lib/shell/session_end");

/** @type {[string, string, boolean][]} state, phase, whether the session may not end yet */
const CASES = [
  ["starting", "starting", false],
  ["starting", "updating", true],
  ["stopping", "updating", true],
  ["stopping", "starting", false],
  ["ready", "starting", false],
  ["waiting", "updating", false],
  ["failed", "updating", false],
  ["stopped", "updating", false],
];

for (const [state, phase, expected] of CASES) {
  test(`the session wants to end while ${state}, ${phase}`, () => {
    const window = new EventEmitter();
    const supervisor = /** @type {any} */ ({ state, phase });
    handleSessionEnd(/** @type {any} */ (window), supervisor, () => assert.fail());
    let prevented = false;
    const preventDefault = () => {
      prevented = true;
    };
    window.emit("query-session-end", { preventDefault });
    assert.equal(prevented, expected);
  });
}

test("the session ends: the server is stopped, then the application ends", async () => {
  const window = new EventEmitter();
  /** @type {string[]} */
  const done = [];
  let stopped = () => {};
  const stop = (/** @type {{ reason: string }} */ { reason }) => {
    done.push(`stop, ${reason}`);
    return new Promise((resolve) => {
      stopped = () => resolve(undefined);
    });
  };
  const supervisor = /** @type {any} */ ({ stop });
  handleSessionEnd(/** @type {any} */ (window), supervisor, () => done.push("exit"));
  window.emit("session-end", { reasons: ["close-app"] });
  await new Promise(setImmediate);
  assert.deepEqual(done, ["stop, session-end"]);
  stopped();
  await new Promise(setImmediate);
  assert.deepEqual(done, ["stop, session-end", "exit"]);
});
