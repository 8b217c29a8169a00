"use strict";

/**
 * The environment variables that the server is given.
 *
 * An allow list: a variable that changes how an interpreter, a library or Chromium behaves, or that
 * holds somebody's secret, is not passed on because nobody has thought of it. Where the shell runs
 * from an AppImage, its start script has put the image's folders into several of them.
 */

const path = require("node:path");

/** @typedef {NodeJS.ProcessEnv} Environment */
/** @typedef {"posix" | "win32"} System */

/** Settings of the user's network, without which a project reaches nothing from behind a proxy. */
const NETWORK = Object.freeze([
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "all_proxy",
  "no_proxy",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
]);

/** @type {Readonly<Record<System, readonly string[]>>} A name that ends with "*" is a beginning. */
const ALLOWED = Object.freeze({
  posix: Object.freeze([
    ...["HOME", "USER", "LOGNAME", "SHELL", "PATH", "TMPDIR", "TZ", "LANG", "LANGUAGE", "LC_*"],
    ...["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"],
    // What a project needs to open a file, print or use the user's keyring.
    ...["DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "CUPS_SERVER"],
    ...["XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE", "__CF_USER_TEXT_ENCODING"],
    ...NETWORK,
  ]),
  win32: Object.freeze([
    ...["SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATH", "PATHEXT", "TEMP", "TMP", "TZ"],
    ...["APPDATA", "LOCALAPPDATA", "USERPROFILE", "HOMEDRIVE", "HOMEPATH", "PUBLIC"],
    ...["USERNAME", "USERDOMAIN", "COMPUTERNAME", "SESSIONNAME", "LANG"],
    ...["ALLUSERSPROFILE", "PROGRAMDATA", "PROGRAMFILES*", "PROGRAMW6432", "COMMONPROGRAM*"],
    ...["OS", "NUMBER_OF_PROCESSORS", "PROCESSOR_*"],
    ...NETWORK,
  ]),
});

/** Variables that no program started from here is given, not even a developer's own server. */
const PRIVATE = Object.freeze(["ELECTRON_*", "CHROME_*", "NODE_*", "DJDESK_*"]);

/** @type {Readonly<Record<System, string>>} What programs are looked for in without a PATH. */
const USUAL_PATH = Object.freeze({ posix: "/usr/local/bin:/usr/bin:/bin", win32: "" });

const MOUNTED_IMAGE = /^\/tmp\/\.mount_/;

/** What an AppImage sets when it starts, and the lists that it puts its folders into. */
const OF_IMAGE = Object.freeze(["APPIMAGE", "APPDIR", "OWD", "ARGV0"]);
const WITH_IMAGE = Object.freeze([
  "PATH",
  "LD_LIBRARY_PATH",
  "XDG_DATA_DIRS",
  "GSETTINGS_SCHEMA_DIR",
]);

/**
 * Return the environment of the server of a bundle.
 *
 * On Windows the interpreter's folder comes first in PATH: a library of the same name from another
 * program's folder would be loaded in place of its own.
 *
 * @param {Environment} environment of the shell
 * @param {{ platform: string, interpreterFolder: string }} server
 * @returns {Record<string, string>}
 */
function serverEnvironment(environment, { platform, interpreterFolder }) {
  const system = platform === "win32" ? "win32" : "posix";
  const result = keep(environment, (name) => listed(name, ALLOWED[system], system));
  const first = system === "win32" ? [interpreterFolder] : [];
  const image = system === "win32" ? undefined : environment["APPDIR"];
  const searched = [...first, ...searchPath(result, system, image)];
  const pathName = Object.keys(result).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
  result[pathName] = searched.join(path[system].delimiter) || USUAL_PATH[system];
  return result;
}

/**
 * Return the environment of a developer's own server: everything but what is the shell's.
 *
 * @param {Environment} environment of the shell
 * @param {{ platform: string }} server
 * @returns {Record<string, string>}
 */
function developerEnvironment(environment, { platform }) {
  const system = platform === "win32" ? "win32" : "posix";
  return keep(environment, (name) => !listed(name, PRIVATE, system));
}

/**
 * Return the environment that an AppImage was started with, from the one that it has made of it.
 *
 * Its folder is gone when it has ended; somebody else may make one of the same name.
 *
 * @param {Environment} environment of the shell
 * @returns {Record<string, string>}
 */
function environmentOutsideImage(environment) {
  const result = keep(environment, (name) => !OF_IMAGE.includes(name));
  for (const name of WITH_IMAGE) {
    const folders = foldersOutside(result[name], "posix", environment["APPDIR"]);
    delete result[name];
    if (folders.length > 0) {
      result[name] = folders.join(path.posix.delimiter);
    }
  }
  return result;
}

/**
 * @param {Environment} environment
 * @param {(name: string) => boolean} wanted
 * @returns {Record<string, string>}
 */
function keep(environment, wanted) {
  /** @type {Record<string, string>} */
  const result = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && wanted(name)) {
      result[name] = value;
    }
  }
  return result;
}

/**
 * @param {string} name
 * @param {readonly string[]} patterns
 * @param {System} system Windows does not tell capitals apart
 */
function listed(name, patterns, system) {
  const wanted = system === "win32" ? name.toUpperCase() : name;
  return patterns.some((pattern) =>
    pattern.endsWith("*") ? wanted.startsWith(pattern.slice(0, -1)) : wanted === pattern,
  );
}

/**
 * Return the folders of PATH without those of the mounted AppImage and those that are relative.
 *
 * @param {Environment} environment
 * @param {System} system
 * @param {string | undefined} image the folder where the AppImage is mounted
 * @returns {string[]}
 */
function searchPath(environment, system, image) {
  const value = Object.entries(environment).find(([name]) => name.toUpperCase() === "PATH")?.[1];
  return foldersOutside(value, system, image);
}

/**
 * @param {string | undefined} value a list of folders
 * @param {System} system
 * @param {string | undefined} image
 * @returns {string[]}
 */
function foldersOutside(value, system, image) {
  const { delimiter, isAbsolute } = path[system];
  const inImage = (/** @type {string} */ folder) =>
    Boolean(image) && (folder === image || folder.startsWith(`${image}/`));
  return (value ?? "")
    .split(delimiter)
    .filter((folder) => isAbsolute(folder) && !inImage(folder) && !MOUNTED_IMAGE.test(folder));
}

module.exports = { developerEnvironment, environmentOutsideImage, serverEnvironment };
