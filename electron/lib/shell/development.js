"use strict";

/** A developer's own server, on the source tree: told to the shell by `nox -s dev`. */

const { ShellError } = require("../errors");

const VARIABLE = "DJDESK_DEV_SERVER";
const NEXT = "Start it by: nox -s dev";

/**
 * @typedef {object} DevelopmentServer
 * @property {string} file
 * @property {string[]} words
 * @property {string} folder
 * @property {string} name
 * @property {string} identifier
 * @property {string} version
 * @property {string[]} permissions
 * @property {string} support
 */

/**
 * Read the description of the server.
 *
 * @param {NodeJS.ProcessEnv} environment
 * @returns {DevelopmentServer}
 * @throws {ShellError} if there is none, or a wrong one
 */
function readDevelopmentServer(environment) {
  const text = environment[VARIABLE];
  if (text === undefined) {
    throw wrong(`${VARIABLE} is not set`);
  }
  const content = parse(text);
  const { command, cwd, name, identifier, version, permissions = [] } = content;
  const { support = "" } = content;
  if (!areTexts(command) || !areTexts(permissions) || !areTexts([cwd, name, identifier, version, support])) {
    throw wrong(`${VARIABLE} does not have what it must`);
  }
  const [file, ...words] = command;
  if (file === undefined) {
    throw wrong(`${VARIABLE} has an empty command`);
  }
  return { file, words, folder: cwd, name, identifier, version, permissions, support };
}

/** @param {string} text @returns {Record<string, any>} */
function parse(text) {
  try {
    return Object(JSON.parse(text));
  } catch (error) {
    throw wrong(`${VARIABLE} is not JSON: ${error}`);
  }
}

/** @param {unknown} value @returns {value is string[]} */
function areTexts(value) {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}

/** @param {string} why */
function wrong(why) {
  return new ShellError("There is no server to develop with.", { why, next: NEXT });
}

module.exports = { readDevelopmentServer };
