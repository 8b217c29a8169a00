"use strict";

/**
 * What the supervision of a server touches outside this program. Tests put their own in place.
 */

const childProcess = require("node:child_process");

const { holdPort } = require("./held_port");
const { askTree, killTree, sweepTree } = require("./process_tree");

/** @typedef {import("node:child_process").ChildProcess} ChildProcess */
/** @typedef {import("node:child_process").SpawnOptions} SpawnOptions */

/**
 * @typedef {object} Effects
 * @property {(file: string, words: readonly string[], options: SpawnOptions) => ChildProcess} spawn
 * @property {typeof holdPort} holdPort
 * @property {(pid: number) => void} askTree
 * @property {(pid: number) => void} killTree
 * @property {(pid: number) => void} sweepTree
 * @property {(work: () => void, milliseconds: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 * @property {() => number} now milliseconds of a clock that nobody sets
 * @property {string} platform
 */

const NANOSECONDS = BigInt(1000000);

/** @type {Effects} */
const EFFECTS = Object.freeze({
  spawn: (file, words, options) => childProcess.spawn(file, words, options),
  holdPort: (options) => holdPort(options),
  askTree: (pid) => askTree(pid),
  killTree: (pid) => killTree(pid),
  sweepTree: (pid) => sweepTree(pid),
  setTimeout: (work, milliseconds) => setTimeout(work, milliseconds),
  clearTimeout: (timer) => clearTimeout(timer),
  now: () => Number(process.hrtime.bigint() / NANOSECONDS),
  platform: process.platform,
});

module.exports = { EFFECTS };
