"use strict";

/**
 * Whether a bundle is what it was when it was made, file by file, and for this machine.
 */

const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

const { hostTarget } = require("../bundle");
const { reasonOf } = require("../errors");
const { parseListing } = require("./listing");
const { targetOf } = require("./machine");

/** @typedef {import("./listing").Entry} Entry */
/** @typedef {{ platform: string, architecture: string }} Machine */
/**
 * @typedef {object} Findings
 * @property {string[]} problems one sentence each, which begins with the file's name
 * @property {number} files how many were looked at
 * @property {number} bytes
 */

const MANIFEST = "bundle.json";
const LISTING = "files.tsv";
const VERSION = "VERSION";

/** The files that describe the others, and so are not listed themselves. */
const DESCRIBING = Object.freeze([MANIFEST, LISTING, VERSION]);

/** @type {Readonly<Record<string, string>>} the interpreter's program, by system */
const INTERPRETERS = Object.freeze({
  win32: "python/python.exe",
  darwin: "python/bin/python3",
  linux: "python/bin/python3",
});

/**
 * Compare every file of a bundle with its listing, and the listing with the manifest.
 *
 * @param {string} folder
 * @param {Machine} machine this one
 * @param {Readonly<Record<string, string>>} [described] SHA-256 of the describing files, by name
 * @returns {Findings}
 */
function checkBundle(folder, machine, described = {}) {
  const problems = Object.entries(described)
    .map(([name, digest]) => wrongDigest(folder, name, digest))
    .filter((problem) => problem !== "");
  /** @type {Entry[]} */
  let entries = [];
  try {
    const manifest = JSON.parse(fs.readFileSync(path.join(folder, MANIFEST), "utf8"));
    problems.push(...wrongTarget(manifest.target, machine));
    const text = fs.readFileSync(path.join(folder, LISTING));
    if (sha256(text) !== manifest.files.digest) {
      problems.push(`${LISTING} is not the one that ${MANIFEST} was written with`);
    }
    entries = parseListing(text.toString("utf8"));
  } catch (error) {
    problems.push(unreadable(error));
  }
  for (const entry of entries) {
    const wrong = difference(folder, entry, machine.platform);
    if (wrong !== "") {
      problems.push(`${entry.path} ${wrong}`);
    }
  }
  if (entries.length > 0) {
    problems.push(...unlisted(folder, entries), ...foreignInterpreter(folder, machine));
  }
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  return { problems, files: entries.length, bytes };
}

/** @param {string} folder @param {string} name @param {string} digest */
function wrongDigest(folder, name, digest) {
  try {
    return sha256(fs.readFileSync(path.join(folder, name))) === digest ? "" : `${name} has changed`;
  } catch (error) {
    return `${name} cannot be read: ${reasonOf(error)}`;
  }
}

/** @param {unknown} error */
function unreadable(error) {
  const file = /** @type {NodeJS.ErrnoException} */ (error).path;
  if (file !== undefined) {
    return `${path.basename(file)} cannot be read: ${reasonOf(error)}`;
  }
  const name = error instanceof RangeError ? LISTING : MANIFEST;
  return `${name} is damaged: ${reasonOf(error)}`;
}

/** @param {unknown} target @param {Machine} machine */
function wrongTarget(target, machine) {
  const needed = hostTarget(machine);
  return target === needed ? [] : [`${MANIFEST} says ${target}, and this is ${needed}`];
}

/** @param {string} folder @param {Machine} machine */
function foreignInterpreter(folder, machine) {
  const name = INTERPRETERS[machine.platform] ?? "";
  const needed = hostTarget(machine);
  try {
    const found = targetOf(path.join(folder, name));
    return found === null || found === needed
      ? []
      : [`${name} is a program for ${found}, and this is ${needed}`];
  } catch (error) {
    return [`${name} cannot be read: ${reasonOf(error)}`];
  }
}

/**
 * @param {string} folder
 * @param {Entry} entry
 * @param {string} platform on Windows no file is marked as a program
 */
function difference(folder, entry, platform) {
  const file = path.join(folder, ...entry.path.split("/"));
  try {
    const status = fs.lstatSync(file);
    if (entry.target !== null) {
      return linkDifference(file, status, entry.target);
    }
    if (!status.isFile()) {
      return "is no file any more";
    }
    if (status.size !== entry.size) {
      return `has ${status.size} bytes, not ${entry.size}`;
    }
    if (platform !== "win32" && ((status.mode & 0o111) !== 0) !== entry.executable) {
      return entry.executable ? "may not be run any more" : "may be run now";
    }
    return sha256(fs.readFileSync(file)) === entry.digest ? "" : "has changed";
  } catch (error) {
    return reasonOf(error) === "ENOENT" ? "is missing" : `cannot be read: ${reasonOf(error)}`;
  }
}

/** @param {string} file @param {import("node:fs").Stats} status @param {string} target */
function linkDifference(file, status, target) {
  if (!status.isSymbolicLink()) {
    return "is no link any more";
  }
  const found = fs.readlinkSync(file).split(path.sep).join("/");
  return found === target ? "" : `is a link to ${found}, not to ${target}`;
}

/** @param {string} folder @param {readonly Entry[]} entries */
function unlisted(folder, entries) {
  const known = new Set([...DESCRIBING, ...entries.map((entry) => entry.path)]);
  return filesBelow(folder, "")
    .filter((name) => !known.has(name))
    .map((name) => `${name} does not belong there`);
}

/** @param {string} folder @param {string} prefix @returns {string[]} */
function filesBelow(folder, prefix) {
  /** @type {string[]} */
  const found = [];
  for (const child of fs.readdirSync(folder, { withFileTypes: true })) {
    const name = prefix + child.name;
    found.push(
      ...(child.isDirectory() ? filesBelow(path.join(folder, child.name), `${name}/`) : [name]),
    );
  }
  return found;
}

/** @param {Buffer} content */
function sha256(content) {
  return crypto.createHash("sha256").update(content).digest("hex");
}

module.exports = { checkBundle };
