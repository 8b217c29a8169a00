"use strict";

/** Which application this is, where its data lies, and how its server is started. */

const path = require("node:path");
const { readBundle, serverCommand } = require("../bundle");
const { ShellError } = require("../errors");
const { developerEnvironment, serverEnvironment } = require("../environment");
const { bundleFolder, dataFolder, placesIn, thisMachine } = require("../places");
const { readDevelopmentServer } = require("./development");
const { findIcon } = require("./icon");

/**
 * @typedef {import("../server_process").Launch} Launch
 *
 * @typedef {object} Application
 * @property {string} name
 * @property {string} identifier
 * @property {string} version
 * @property {string} description one line for people
 * @property {readonly string[]} permissions
 * @property {string} support An e-mail address or an https address; empty where there is none.
 * @property {string} icon A PNG file; empty where there is none.
 * @property {import("../places").Places} places
 * @property {string} bundle The bundle's folder, wherever it should be; empty with a developer's server.
 * @property {() => Launch} launch How to start the server; may throw a `ShellError`.
 * @property {(name: string) => Launch} command How to run a command of the bundle; may throw as well.
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
      support: "",
      icon: iconFor(surroundings),
      places: placesFor(fallbackName, surroundings),
      bundle: folderOf(surroundings),
      launch,
      command: launch,
      diagnostics: launch,
    };
  }
}

/** @param {Surroundings} surroundings @returns {Application} */
function bundled(surroundings) {
  const { packaged } = surroundings;
  const { env, platform, arch: architecture } = process;
  const folder = folderOf(surroundings);
  // Read again for each start: it may have been repaired since.
  const host = { platform, architecture, packaged };
  const read = () => readBundle(folder, host);
  const launch = () => {
    const bundle = read();
    const { file, words } = serverCommand(bundle, host);
    const interpreterFolder = path.dirname(bundle.interpreter);
    const environment = serverEnvironment(env, { platform, interpreterFolder });
    return { file, words, folder, environment, adopts: true };
  };
  const { name, identifier, version, description, permissions, support } = read();
  const places = placesFor(identifier, surroundings);
  const command = (/** @type {string[]} */ ...other) => {
    const { words, environment, ...rest } = launch();
    return {
      ...rest,
      words: [...words.slice(0, words.indexOf("serve")), ...other],
      environment: { ...environment, DJDESK_DATA_DIR: places.data },
    };
  };
  const diagnostics = (/** @type {string} */ output) => command("diagnostics", "--output", output);
  const icon = iconFor(surroundings);
  const about = { name, identifier, version, description, permissions, support, icon };
  return { ...about, places, bundle: folder, launch, command, diagnostics };
}

/** @param {Surroundings} surroundings */
function folderOf({ packaged, resourcesPath }) {
  const { env: environment } = process;
  return bundleFolder({ packaged, resourcesPath, applicationFolder: FOLDER, environment });
}

/** @param {Surroundings} surroundings @returns {Application} */
function developed(surroundings) {
  const { env, platform } = process;
  const server = readDevelopmentServer(env);
  const { name, identifier, version, permissions, support, file, words, folder } = server;
  const environment = developerEnvironment(env, { platform });
  return {
    name,
    identifier,
    version,
    description: "The source tree, served by Django's own server",
    permissions,
    support,
    icon: iconFor(surroundings),
    places: placesFor(identifier, surroundings),
    bundle: "",
    launch: () => ({ file, words, folder, environment, aloud: true }),
    command: () => {
      throw without("commands");
    },
    diagnostics: () => {
      throw without("diagnostics");
    },
  };
}

/** @param {string} what */
function without(what) {
  const why = "A developer's own server has none.";
  const next = "Use the built bundle: nox -s run";
  return new ShellError(`There are no ${what}.`, { why, next });
}

/** @param {Surroundings} surroundings */
function iconFor({ packaged, resourcesPath }) {
  return findIcon({ packaged, resourcesPath, environment: process.env });
}

/** @param {string} identifier @param {Surroundings} surroundings */
function placesFor(identifier, { dataOption }) {
  return placesIn(dataFolder(identifier, dataOption, thisMachine()));
}

module.exports = { openApplication };
