"use strict";

/**
 * Where things lie: the user's data, and the bundle.
 */

const os = require("node:os");
const path = require("node:path");

/** @typedef {NodeJS.ProcessEnv} Environment */

/**
 * @typedef {object} Machine
 * @property {string} platform as in `process.platform`
 * @property {Environment} environment
 * @property {string} accountHome the home folder in the user's account: `os.userInfo().homedir`
 * @property {string} workingFolder that relative paths are taken from
 */

/**
 * @typedef {object} Places
 * @property {string} data the user's data, as the server has it
 * @property {string} logs
 * @property {string} shellLog
 * @property {string} profile Chromium's own folder
 * @property {string} windowState
 */

const DATA_DIR_VARIABLE = "DJDESK_DATA_DIR";
const BUNDLE_VARIABLE = "DJDESK_BUNDLE";
const BUNDLE_FOLDER = "django-bundle";

/** @returns {Machine} */
function thisMachine() {
  return {
    platform: process.platform,
    environment: process.env,
    accountHome: os.userInfo().homedir,
    workingFolder: process.cwd(),
  };
}

/**
 * Return the folder of the user's data: `option` (`--data-dir`), else the variable, else the
 * system's. The runtime's `locate_data` finds the same one. Creates nothing.
 *
 * @param {string} identifier of the application
 * @param {string | undefined} option
 * @param {Machine} machine
 * @returns {string} an absolute path
 */
function dataFolder(identifier, option, machine) {
  return namedDataFolder(option, machine) ?? usualDataFolder(identifier, machine);
}

/**
 * Return the folder that `option` or the variable names, or null.
 *
 * @param {string | undefined} option
 * @param {Machine} machine
 * @returns {string | null} an absolute path
 */
function namedDataFolder(option, machine) {
  const named = option || machine.environment[DATA_DIR_VARIABLE];
  if (!named) {
    return null;
  }
  const paths = machine.platform === "win32" ? path.win32 : path.posix;
  const expanded = expandHome(named, machine);
  return paths.isAbsolute(expanded) ? expanded : paths.resolve(machine.workingFolder, expanded);
}

/**
 * Return what `platformdirs.user_data_path(identifier, appauthor=False)` returns (4.14, unix.py,
 * macos.py, windows.py), but that Windows is asked through its variable.
 *
 * @param {string} identifier
 * @param {Machine} machine
 * @returns {string}
 */
function usualDataFolder(identifier, machine) {
  const { environment, platform } = machine;
  if (platform === "win32") {
    const local = environment["WIN_PD_OVERRIDE_LOCAL_APPDATA"] || environment["LOCALAPPDATA"];
    const folder = local || path.win32.join(homeFolder(machine), "AppData", "Local");
    return path.win32.join(folder, identifier);
  }
  const chosen = environment["XDG_DATA_HOME"] ?? "";
  if (path.posix.isAbsolute(chosen)) {
    return tidy(chosen.endsWith("/") ? chosen + identifier : `${chosen}/${identifier}`);
  }
  const usual = platform === "darwin" ? "Library/Application Support" : ".local/share";
  return tidy(`${homeFolder(machine)}/${usual}/${identifier}`);
}

/**
 * @param {string} folder
 * @param {Machine} machine
 * @returns {string} `folder` with its leading "~" replaced
 */
function expandHome(folder, machine) {
  return /^~(?=[/\\]|$)/.test(folder) ? homeFolder(machine) + folder.slice(1) : folder;
}

/** @param {Machine} machine */
function homeFolder({ environment, platform, accountHome }) {
  if (platform === "win32") {
    return environment["USERPROFILE"] || accountHome;
  }
  const home = environment["HOME"] ?? "";
  return path.posix.isAbsolute(home) ? home.replace(/\/+$/, "") : accountHome;
}

/**
 * Return a POSIX path as Python's pathlib writes it, which leaves ".." alone.
 *
 * @param {string} folder absolute
 */
function tidy(folder) {
  const root = /^\/\/(?!\/)/.test(folder) ? "//" : "/";
  const parts = folder.split("/").filter((part) => part !== "" && part !== ".");
  return root + parts.join("/");
}

/**
 * Return the places inside the folder `data`.
 *
 * @param {string} data
 * @returns {Places}
 */
function placesIn(data) {
  const logs = path.join(data, "logs");
  const profile = path.join(data, "shell");
  return {
    data,
    logs,
    shellLog: path.join(logs, "shell.log"),
    profile,
    windowState: path.join(profile, "window.json"),
  };
}

/**
 * Return the folder of the bundle that is served. A packaged application has one, inside itself.
 *
 * @param {{ packaged: boolean, resourcesPath: string, applicationFolder: string,
 *   environment: Environment }} shell
 * @returns {string}
 */
function bundleFolder({ packaged, resourcesPath, applicationFolder, environment }) {
  if (packaged) {
    return path.join(resourcesPath, BUNDLE_FOLDER);
  }
  const named = environment[BUNDLE_VARIABLE];
  return named ? path.resolve(named) : path.join(applicationFolder, BUNDLE_FOLDER);
}

module.exports = { bundleFolder, dataFolder, namedDataFolder, placesIn, thisMachine };
