"use strict";

/**
 * electron-builder's hook for signing: the installer, and the uninstaller inside it. All else is
 * signed before (build_support/packages/sealing.py), which also says how.
 */

const { execFileSync } = require("node:child_process");

const VARIABLE = "DJDESK_SIGN_COMMAND";

/** @param {{ path: string }} file */
exports.default = function sign({ path }) {
  const command = process.env[VARIABLE];
  if (command === undefined) {
    throw new Error(`${VARIABLE} is not set.`);
  }
  const [program, ...words] = JSON.parse(command);
  execFileSync(program, [...words, path], { stdio: "inherit", windowsHide: true });
};
