"use strict";

/**
 * What a bundle says of itself, and the command that starts its server.
 */

const fs = require("node:fs");
const path = require("node:path");

const { ShellError, reasonOf } = require("./errors");

/**
 * @typedef {object} Bundle
 * @property {string} folder
 * @property {string} name
 * @property {string} identifier
 * @property {string} version
 * @property {string} revision empty when unknown
 * @property {string} description one line for people
 * @property {string} target the kind of machine that it is for
 * @property {string} interpreter
 * @property {string} support whom people write to: an e-mail address or an https address; or empty
 * @property {readonly string[]} permissions that pages may be given, by Electron's names
 */

/** @typedef {{ platform: string, architecture: string, packaged: boolean }} Host */
/** @typedef {{ file: string, words: string[], folder: string }} Command */

const SCHEMA = 1;
const IDENTIFIER = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const LAUNCHER = "run_django.py";

/** @type {Readonly<Record<string, string>>} `process.platform` in the words of a target */
const SYSTEMS = Object.freeze({ linux: "linux", darwin: "macos", win32: "windows" });

/** @type {Readonly<Record<string, string>>} `process.arch` in the words of a target */
const MACHINES = Object.freeze({ x64: "x86_64", arm64: "arm64" });

/** Where the interpreter lies in a bundle, as in python-build-standalone's archives. */
const INTERPRETER = Object.freeze(["python", "bin", "python3"]);
const WINDOWS_INTERPRETER = Object.freeze(["python", "python.exe"]);

/** Isolated from the user's Python, writing nothing, UTF-8 everywhere, PEP 768's door closed. */
const FLAGS = Object.freeze(["-I", "-B", "-X", "utf8", "-X", "disable-remote-debug"]);

/**
 * Read what the bundle in `folder` says of itself. Whether it can be started, `serverCommand` tells.
 *
 * @param {string} folder an absolute path
 * @param {Host} host
 * @returns {Bundle}
 * @throws {ShellError} if it does not say what it must
 */
function readBundle(folder, host) {
  const manifest = path.join(folder, "bundle.json");
  const { schema, target, app, desktop } = readManifest(manifest, host);
  if (schema !== SCHEMA || !isText(target) || !isText(app?.name) || !isText(app.version)) {
    throw damaged(`${manifest} does not say what it must`, host);
  }
  if (!isText(app.identifier) || !IDENTIFIER.test(app.identifier)) {
    throw damaged(`${manifest} has no identifier that names a folder`, host);
  }
  const place = host.platform === "win32" ? WINDOWS_INTERPRETER : INTERPRETER;
  return Object.freeze({
    folder,
    name: app.name,
    identifier: app.identifier,
    version: app.version,
    revision: isText(app.revision) ? app.revision : "",
    description: readDescription(folder) || `${app.name} ${app.version} ${target}`,
    target,
    interpreter: path.join(folder, ...place),
    permissions: texts(desktop?.permissions),
    support: isText(desktop?.support) ? desktop.support : "",
  });
}

/**
 * Return the command that starts the bundle's server, with the bundle's own interpreter.
 *
 * @param {Bundle} bundle
 * @param {Host} host
 * @returns {Command}
 * @throws {ShellError} if a part of it is missing, or it is for another machine
 */
function serverCommand({ folder, interpreter, target }, host) {
  const needed = hostTarget(host);
  if (target !== needed) {
    throw wrongMachine(target, needed, host);
  }
  const launcher = path.join(folder, LAUNCHER);
  mustBeThere(interpreter, fs.constants.X_OK, host);
  mustBeThere(launcher, fs.constants.R_OK, host);
  const words = [...FLAGS, launcher, "serve", "--shell"];
  return { file: interpreter, words, folder };
}

/**
 * Return the target that a bundle must be for, for example "linux-x86_64".
 *
 * @param {Pick<Host, "platform" | "architecture">} host
 */
function hostTarget({ platform, architecture }) {
  return `${SYSTEMS[platform] ?? platform}-${MACHINES[architecture] ?? architecture}`;
}

/**
 * @param {string} manifest
 * @param {Host} host
 * @returns {Record<string, any>}
 */
function readManifest(manifest, host) {
  let content;
  try {
    content = JSON.parse(fs.readFileSync(manifest, "utf8"));
  } catch (error) {
    throw damaged(`${manifest}: ${reasonOf(error)}`, host);
  }
  if (typeof content === "object" && content !== null) {
    return content;
  }
  throw damaged(`${manifest} holds no object`, host);
}

/** @param {string} folder */
function readDescription(folder) {
  try {
    return fs.readFileSync(path.join(folder, "VERSION"), "utf8").trim();
  } catch {
    return "";
  }
}

/**
 * @param {string} file
 * @param {number} mode
 * @param {Host} host
 */
function mustBeThere(file, mode, host) {
  try {
    fs.accessSync(file, mode);
  } catch (error) {
    throw damaged(`${file}: ${reasonOf(error)}`, host);
  }
}

/**
 * @param {string} why
 * @param {Host} host
 */
function damaged(why, { packaged }) {
  const next = packaged ? "Install the application again." : "Build it again: nox -s bundle";
  return new ShellError("The application is damaged.", { why, next });
}

/**
 * @param {string} target
 * @param {string} needed
 * @param {Host} host
 */
function wrongMachine(target, needed, { packaged }) {
  const next = packaged
    ? "Install the application that is made for this computer."
    : "Build one for this computer: nox -s bundle";
  const why = `Its bundle is for ${target}, and this is ${needed}.`;
  return new ShellError("The application is made for another kind of computer.", { why, next });
}

/**
 * @param {unknown} value
 * @returns {value is string}
 */
function isText(value) {
  return typeof value === "string" && value !== "";
}

/**
 * @param {unknown} value
 * @returns {readonly string[]}
 */
function texts(value) {
  return Object.freeze(Array.isArray(value) ? value.filter(isText) : []);
}

module.exports = { hostTarget, readBundle, serverCommand };
