"use strict";

const assert = require("node:assert/strict");
const { EventEmitter } = require("node:events");
const { test } = require("node:test");

const { AFTER_LOAD_MS, AFTER_START_MS, showOnce } = require("../lib/shell/show_once");

const ELSEWHERE = AFTER_LOAD_MS.elsewhere;

/** @typedef {"painted" | "loaded" | "serving" | "failed" | "closed" | number} Step a number: time */

/** @type {[string, string, Step[], number][]} what, platform, what happens, how often it is shown */
const CASES = [
  ["nothing happens", "linux", [60000], 0],
  ["painted", "linux", ["painted"], 1],
  ["painted", "win32", ["painted"], 1],
  ["painted, then loaded", "linux", ["painted", "loaded"], 1],
  ["painted, then loaded", "darwin", ["painted", "loaded", 60000], 1],
  ["Wayland: loaded and never painted", "linux", ["serving", "loaded"], 1],
  ["Wayland: painted because it is shown", "linux", ["serving", "loaded", "painted"], 1],
  ["loaded, not yet painted", "win32", ["loaded", ELSEWHERE - 1], 0],
  ["loaded and never painted", "win32", ["loaded", ELSEWHERE], 1],
  ["loaded and never painted", "darwin", ["loaded", ELSEWHERE], 1],
  ["loaded, then painted", "win32", ["loaded", 10, "painted", 60000], 1],
  ["still loading", "linux", ["serving", AFTER_START_MS - 1], 0],
  ["loading for too long", "linux", ["serving", AFTER_START_MS], 1],
  ["loading for too long", "win32", ["serving", AFTER_START_MS], 1],
  ["loading for too long, then all the rest", "linux", ["serving", 60000, "loaded", "painted"], 1],
  ["the failure page does not load", "linux", ["failed", AFTER_START_MS], 1],
  ["failed, tried again, serving", "linux", ["failed", 1, "serving", 60000], 1],
  ["closed before", "win32", ["serving", "loaded", "closed", 60000, "painted"], 0],
];

/**
 * @param {string} platform
 * @param {{ isReady: boolean, state: string }} [start]
 */
function hidden(platform, start = { isReady: false, state: "starting" }) {
  const webContents = new EventEmitter();
  const window = Object.assign(new EventEmitter(), { webContents });
  const supervisor = Object.assign(new EventEmitter(), start);
  const seen = { shown: 0 };
  const show = () => {
    seen.shown += 1;
  };
  const options = { supervisor: /** @type {any} */ (supervisor), platform, show };
  showOnce(/** @type {any} */ (window), options);
  const happen = {
    painted: () => window.emit("ready-to-show"),
    loaded: () => webContents.emit("did-finish-load"),
    serving: () => supervisor.emit("ready"),
    failed: () => supervisor.emit("failed"),
    closed: () => window.emit("closed"),
  };
  return { happen, seen };
}

for (const [what, platform, steps, expected] of CASES) {
  test(`${platform}: ${what}`, ({ mock }) => {
    mock.timers.enable({ apis: ["setTimeout"] });
    const { happen, seen } = hidden(platform);
    for (const step of steps) {
      if (typeof step === "number") {
        mock.timers.tick(step);
      } else {
        happen[step]();
      }
    }
    assert.equal(seen.shown, expected);
  });
}

for (const start of [
  { isReady: true, state: "ready" },
  { isReady: false, state: "failed" },
]) {
  test(`the server was ${start.state} before the window was made`, ({ mock }) => {
    mock.timers.enable({ apis: ["setTimeout"] });
    const { seen } = hidden("linux", start);
    mock.timers.tick(AFTER_START_MS);
    assert.equal(seen.shown, 1);
  });
}
