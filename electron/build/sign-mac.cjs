"use strict";

/**
 * electron-builder's hook for signing on macOS: the shell, with electron-builder's own options.
 * By itself it hands on the certificate's name, which codesign refuses when another certificate
 * has the same. `identity` is the SHA-1, which one alone has.
 */

const { sign } = require("app-builder-lib/out/codeSign/macCodeSign");

const { retry } = require("./retry.cjs");

/** @param {{ identity?: string }} options */
exports.default = function signShell(options) {
  if (!/^[0-9A-F]{40}$/.test(options.identity ?? "")) {
    throw new Error(`This is no SHA-1 of a certificate: ${options.identity}`);
  }
  return retry(() => sign(options));
};
