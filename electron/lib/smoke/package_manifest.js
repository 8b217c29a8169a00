"use strict";

/**
 * What the package around a bundle says of itself.
 */

const fs = require("node:fs");
const path = require("node:path");

const { reasonOf } = require("../errors");

const FILE = "djdesk-package.json";

/**
 * @typedef {object} PackageManifest
 * @property {Readonly<Record<string, string>>} described SHA-256 of the bundle's describing files
 * @property {boolean} rehearsal
 * @property {string[]} problems
 */

/**
 * Read the manifest beside the bundle.
 *
 * @param {string} resources the folder that it lies in
 * @returns {PackageManifest}
 */
function readPackageManifest(resources) {
  try {
    const document = JSON.parse(fs.readFileSync(path.join(resources, FILE), "utf8"));
    return {
      described: { ...document.bundle.described_by },
      rehearsal: document.rehearsal === true,
      problems: [],
    };
  } catch (error) {
    const problems = [`${FILE} is missing or damaged: ${reasonOf(error)}`];
    return { described: {}, rehearsal: false, problems };
  }
}

module.exports = { readPackageManifest };
