"use strict";

/**
 * Ending a server together with every program that it has started.
 *
 * On POSIX a server leads a process group of its own, which is signalled as a whole. On Windows
 * there is no signal to ask with, and `taskkill /T` walks the tree down from the server: it has to
 * come first, for once the parent is gone its children can no longer be found.
 */

const childProcess = require("node:child_process");
const path = require("node:path");

/** @typedef {import("node:child_process").ChildProcess} ChildProcess */

const TASKKILL_MS = 5000;

/**
 * Return the options that a server is started with, so that it can be ended.
 *
 * @param {string} platform
 * @returns {{ detached: boolean, windowsHide: boolean, shell: false, stdio: ("pipe" | number)[] }}
 */
function treeOptions(platform) {
  return {
    detached: platform !== "win32",
    windowsHide: true,
    shell: false,
    stdio: ["pipe", "pipe", "pipe"],
  };
}

/**
 * @typedef {object} System the parts of the operating system that are used here
 * @property {string} platform
 * @property {(pid: number, signal: NodeJS.Signals) => void} kill
 * @property {(file: string, words: string[]) => boolean} run waits; tells whether it succeeded
 * @property {string} systemFolder Windows' own, which no PATH can change
 */

/** @type {System} */
const HERE = Object.freeze({
  platform: process.platform,
  kill: (/** @type {number} */ pid, /** @type {NodeJS.Signals} */ name) => {
    process.kill(pid, name);
  },
  run: runHidden,
  systemFolder: path.win32.join(process.env["SystemRoot"] ?? "C:\\Windows", "System32"),
});

/**
 * Ask the tree of `pid` to end. Does nothing on Windows, where nobody can be asked.
 *
 * @param {number} pid
 * @param {System} [system]
 */
function askTree(pid, system = HERE) {
  if (system.platform !== "win32") {
    signalGroup(pid, "SIGTERM", system);
  }
}

/**
 * End the tree of `pid` at once, or what is left of it. Returns when the system has been told.
 *
 * @param {number} pid
 * @param {System} [system]
 */
function killTree(pid, system = HERE) {
  if (system.platform !== "win32") {
    signalGroup(pid, "SIGKILL", system);
    return;
  }
  const taskkill = path.win32.join(system.systemFolder, "taskkill.exe");
  if (!system.run(taskkill, ["/PID", String(pid), "/T", "/F"])) {
    signal(pid, "SIGKILL", system);
  }
}

/**
 * Clean up after the server `pid`, which has ended: programs that it started may be left.
 *
 * On Windows nothing can be done, and nothing may: the number can belong to another process.
 *
 * @param {number} pid
 * @param {System} [system]
 */
function sweepTree(pid, system = HERE) {
  if (system.platform !== "win32") {
    signalGroup(pid, "SIGKILL", system);
  }
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} name
 * @param {System} system
 */
function signalGroup(pid, name, system) {
  signal(-pid, name, system);
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} name
 * @param {System} system
 */
function signal(pid, name, system) {
  try {
    system.kill(pid, name);
  } catch {
    // ESRCH: there is none left. EPERM, on macOS: all that are left have ended.
  }
}

/**
 * @param {string} file
 * @param {string[]} words
 */
function runHidden(file, words) {
  const options = {
    windowsHide: true,
    timeout: TASKKILL_MS,
    stdio: /** @type {const} */ ("ignore"),
  };
  return childProcess.spawnSync(file, words, options).status === 0;
}

module.exports = { treeOptions, askTree, killTree, sweepTree };
