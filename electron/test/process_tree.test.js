"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { askTree, killTree, sweepTree, treeOptions } = require("../lib/process_tree");

const TASKKILL = "C:\\Windows\\System32\\taskkill.exe";

/**
 * Return a system that notes what is done to it.
 *
 * @param {string} platform
 * @param {{ error?: string, taskkill?: boolean }} [behaviour]
 */
function systemOf(platform, { error, taskkill = true } = {}) {
  /** @type {unknown[][]} */
  const done = [];
  const system = {
    platform,
    systemFolder: "C:\\Windows\\System32",
    kill: (/** @type {number} */ pid, /** @type {string} */ signal) => {
      done.push([pid, signal]);
      if (error !== undefined) {
        throw Object.assign(new Error(error), { code: error });
      }
    },
    run: (/** @type {string} */ file, /** @type {string[]} */ words) => {
      done.push([file, ...words]);
      return taskkill;
    },
  };
  return { system, done };
}

/** @type {[string, typeof killTree, string, unknown[][]][]} */
const CASES = [
  ["asked", askTree, "linux", [[-77, "SIGTERM"]]],
  ["asked", askTree, "darwin", [[-77, "SIGTERM"]]],
  ["asked", askTree, "win32", []],
  ["killed", killTree, "linux", [[-77, "SIGKILL"]]],
  ["killed", killTree, "darwin", [[-77, "SIGKILL"]]],
  ["killed", killTree, "win32", [[TASKKILL, "/PID", "77", "/T", "/F"]]],
  ["swept", sweepTree, "linux", [[-77, "SIGKILL"]]],
  ["swept", sweepTree, "win32", []],
];

for (const [what, work, platform, expected] of CASES) {
  test(`${platform}: a tree is ${what}`, () => {
    const { system, done } = systemOf(platform);
    work(77, system);
    assert.deepEqual(done, expected);
  });
}

for (const error of ["ESRCH", "EPERM"]) {
  test(`a tree that is gone (${error}) is fine`, () => {
    for (const work of [askTree, killTree, sweepTree]) {
      work(77, systemOf("linux", { error }).system);
    }
    killTree(77, systemOf("win32", { error, taskkill: false }).system);
  });
}

test("win32: the server alone is ended where taskkill cannot be run", () => {
  const { system, done } = systemOf("win32", { taskkill: false });
  killTree(77, system);
  assert.deepEqual(done.slice(1), [[77, "SIGKILL"]]);
});

test("a server leads a group on POSIX, has no console on Windows, and never a shell", () => {
  const stdio = ["pipe", "pipe", "pipe"];
  const options = { windowsHide: true, shell: false, stdio };
  assert.deepEqual(treeOptions("linux"), { ...options, detached: true });
  assert.deepEqual(treeOptions("darwin"), { ...options, detached: true });
  assert.deepEqual(treeOptions("win32"), { ...options, detached: false });
});
