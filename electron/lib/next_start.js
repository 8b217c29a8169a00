"use strict";

/**
 * An AppImage, started again once this process has ended.
 *
 * Electron's own way starts a helper from the image, which is gone as soon as this process is.
 */

const childProcess = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const { environmentOutsideImage } = require("./environment");

/** @typedef {NodeJS.ProcessEnv} Environment */
/** @typedef {{ file: string, folder: string }} Image folder: where its files are while it runs */

/**
 * What waits for the end of its input, which is the end of this process, and starts the image. It
 * holds nothing of the image meanwhile, neither its folder nor what this process has inherited from
 * it, and gives it five seconds to go: it may be unpacked to the same place again.
 */
const WAITER = [
  "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-",
  "read -r _",
  "image_folder=$1 working_folder=$2 left=50",
  "shift 2",
  'while [ -e "$image_folder" ] && [ "$left" -gt 0 ]; do sleep 0.1; left=$((left - 1)); done',
  'cd "$working_folder"',
  'exec "$0" "$@" </dev/null',
].join("\n");

/**
 * Return the image that `program` runs from, or null. A program that another's image has started
 * has the variables as well.
 *
 * @param {Environment} environment
 * @param {string} program its path, without links
 * @returns {Image | null}
 */
function imageOf({ APPIMAGE: file = "", APPDIR: folder = "" }, program) {
  const inside = path.posix.isAbsolute(folder) && program.startsWith(`${withoutLinks(folder)}/`);
  return inside && path.posix.isAbsolute(file) ? { file, folder } : null;
}

/** @param {string} folder */
function withoutLinks(folder) {
  try {
    return fs.realpathSync(folder);
  } catch {
    return folder;
  }
}

/**
 * Start an image as soon as this process has ended.
 *
 * @param {Image} image
 * @param {object} start
 * @param {readonly string[]} start.words the arguments
 * @param {string} start.workingFolder
 * @param {Environment} start.environment this process's own
 * @param {(error: Error) => void} start.onError
 */
function startAfterwards({ file, folder }, { words, workingFolder, environment, onError }) {
  const waiter = childProcess.spawn(
    "/bin/sh",
    ["-c", WAITER, file, folder, workingFolder, ...words],
    {
      cwd: "/",
      env: environmentOutsideImage(environment),
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    },
  );
  waiter.on("error", onError);
  waiter.unref();
}

module.exports = { imageOf, startAfterwards };
