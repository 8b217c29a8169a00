"use strict";

/**
 * electron-builder's hook for signing: the installer, and the uninstaller inside it. All else is
 * signed before (build_support/packages/sealing.py), which also says how.
 */

const { spawnSync } = require("node:child_process");

const { retry } = require("./retry.cjs");

const VARIABLE = "DJDESK_SIGN_COMMAND";

/** @param {{ path: string }} file */
exports.default = async function sign({ path }) {
  const command = process.env[VARIABLE];
  if (command === undefined) {
    throw new Error(`${VARIABLE} is not set.`);
  }
  const [program, ...words] = JSON.parse(command);
  await retry(() => run(program, [...words, path]));
};

/**
 * @param {string} program
 * @param {readonly string[]} words
 */
function run(program, words) {
  const ended = spawnSync(program, words, { encoding: "utf8", windowsHide: true });
  process.stdout.write(ended.stdout ?? "");
  process.stderr.write(ended.stderr ?? "");
  if (ended.error !== undefined || ended.status !== 0) {
    throw ended.error ?? new Error(`Signing failed: ${ended.stdout}\n${ended.stderr}`);
  }
}
