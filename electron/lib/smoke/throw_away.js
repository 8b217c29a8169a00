"use strict";

/**
 * A data folder for one test.
 */

const childProcess = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

const VARIABLE = "DJDESK_SMOKE_FOLDER";

/**
 * What waits for the end of its input, which is the end of the process that started it. Chromium's
 * other processes write for a moment longer: what they leave is removed a second time.
 */
const JANITORS = Object.freeze({
  posix: Object.freeze([
    "/bin/sh",
    "-c",
    `read -r _; sleep 1; rm -rf -- "$${VARIABLE}"; sleep 2; rm -rf -- "$${VARIABLE}"`,
  ]),
  win32: Object.freeze([
    "cmd.exe",
    "/d",
    "/c",
    `set /p _= & ping -n 3 127.0.0.1 >nul & rmdir /s /q "%${VARIABLE}%"`,
  ]),
});

/** @returns {string} a new folder */
function makeThrowAway() {
  return fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "djdesk-smoke-"));
}

/**
 * Remove it once this process has ended: Chromium writes into its profile to the very last.
 *
 * @param {string} folder
 */
function removeAfterwards(folder) {
  const [file = "", ...words] = JANITORS[process.platform === "win32" ? "win32" : "posix"];
  const janitor = childProcess.spawn(file, words, {
    cwd: os.tmpdir(),
    env: { ...process.env, [VARIABLE]: folder },
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    windowsHide: true,
    windowsVerbatimArguments: true,
  });
  // It lies in the system's own folder for such things.
  janitor.on("error", () => undefined);
  janitor.unref();
}

module.exports = { makeThrowAway, removeAfterwards };
