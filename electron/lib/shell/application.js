"use strict";

/** Which application this is, where its data lies, and how its server is started. */

const os = require("node:os");
const path = require("node:path");
const { readBundle, serverCommand } = require("../bundle");
const { ShellError } = require("../errors");
const { developerEnvironment, serverEnvironment } = require("../environment");
const { bundleFolder, dataFolder, placesIn } = require("../places");
const { readDevelopmentServer } = require("./development");

/**
 * @typedef {import("../server_process").Launch} Launch
 *
 * @typedef {object} Application
 * @property {string} name
 * @property {string} identifier
 * @property {string} version
 * @property {string} description one line for people
 * @property {readonly string[]} permissions
 * @property {import("../places").Places} places
 * @property {() => Launch} launch How to start the server; may throw a `ShellError`.
 * @property {(output: string) => Launch} diagnostics How to write the diagnostics into a file.
 *
 * @typedef {object} Surroundings
 * @property {boolean} packaged
 * @property {boolean} development whether `--dev` was given
 * @property {string | undefined} dataOption the value of `--data-dir`
 * @property {string} resourcesPath
 * @property {string} fallbackName of an application whose bundle does not tell
 */

const FOLDER = path.join(__dirname, "..", "..");

/**
 * Find out which application this is. One whose bundle is damaged has a name and places for a log
 * all the same; the reason is told by `launch`.
 *
 * @param {Surroundings} surroundings
 * @returns {Application}
 */
function openApplication(surroundings) {
  const { packaged, development, fallbackName } = surroundings;
  try {
    return !packaged && development ? developed(surroundings) : bundled(surroundings);
  } catch (error) {
    const launch = () => {
      throw error;
    };
    return {
      name: fallbackName,
      identifier: fallbackName,
      version: "",
      description: "",
      permissions: [],
      places: placesFor(fallbackName, surroundings),
      launch,
      diagnostics: launch,
    };
  }
}

/** @param {Surroundings} surroundings @returns {Application} */
function bundled(surroundings) {
  const { packaged, resourcesPath } = surroundings;
  const { env, platform, arch: architecture } = process;
  const shell = { packaged, resourcesPath, applicationFolder: FOLDER, environment: env };
  const folder = bundleFolder(shell);
  // Read again for each start: it may have been repaired since.
  const read = () => readBundle(folder, { platform, architecture, packaged });
  const launch = () => {
    const bundle = read();
    const { file, words } = serverCommand(bundle);
    const interpreterFolder = path.dirname(bundle.interpreter);
    const environment = serverEnvironment(env, { platform, interpreterFolder });
    return { file, words, folder, environment };
  };
  const { name, identifier, version, description, permissions } = read();
  const places = placesFor(identifier, surroundings);
  const diagnostics = (/** @type {string} */ output) => {
    const { words, environment, ...rest } = launch();
    return {
      ...rest,
      words: [...words.slice(0, words.indexOf("serve")), "diagnostics", "--output", output],
      environment: { ...environment, DJDESK_DATA_DIR: places.data },
    };
  };
  return { name, identifier, version, description, permissions, places, launch, diagnostics };
}

/** @param {Surroundings} surroundings @returns {Application} */
function developed(surroundings) {
  const { env, platform } = process;
  const server = readDevelopmentServer(env);
  const { name, identifier, version, permissions, file, words, folder } = server;
  const environment = developerEnvironment(env, { platform });
  return {
    name,
    identifier,
    version,
    description: "The source tree, served by Django's own server",
    permissions,
    places: placesFor(identifier, surroundings),
    launch: () => ({ file, words, folder, environment }),
    diagnostics: () => {
      const why = "A developer's own server has none.";
      const next = "Save them from the built bundle: nox -s run";
      throw new ShellError("There are no diagnostics.", { why, next });
    },
  };
}

/** @param {string} identifier @param {Surroundings} surroundings */
function placesFor(identifier, { dataOption }) {
  return placesIn(
    dataFolder(identifier, dataOption, {
      platform: process.platform,
      environment: process.env,
      accountHome: os.userInfo().homedir,
      workingFolder: process.cwd(),
    }),
  );
}

module.exports = { openApplication };
