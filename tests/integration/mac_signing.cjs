"use strict";

/**
 * Signs an application by electron-builder's own code for macOS, on any system: what it asks
 * `security` goes to a stand-in, and the rest of macOS is made up. Arguments: the folder of
 * electron-builder's library, the application, the stand-in, the configuration for macOS.
 */

const childProcess = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

const [library, application, security, settings] = process.argv.slice(2);
const configuration = JSON.parse(settings);
const resources = path.resolve(library, "..", "..", "..", "build");

const { execFile } = childProcess;
childProcess.execFile = (file, ...rest) =>
  execFile(file === "/usr/bin/security" ? security : file, ...rest);
os.release = () => "24.0.0";

require(path.join(library, "index.js")); // its modules need each other, in this order
const { MacPackager } = require(path.join(library, "macPackager.js"));
const { MacTargetHelper } = require(path.join(library, "mac", "MacTargetHelper.js"));

Object.defineProperty(process, "platform", { value: "darwin" });
const packager = Object.create(MacPackager.prototype);
Object.defineProperties(packager, {
  appInfo: { value: { type: "commonjs" } },
  codeSigningInfo: {
    value: { value: Promise.resolve({ keychainFile: process.env.CSC_KEYCHAIN || null }) },
  },
  config: { value: { electronVersion: "45.4.1" } },
  helper: { value: new MacTargetHelper(packager) },
  info: {
    value: { buildResourcesDir: resources, getWorkspaceRoot: () => Promise.resolve(resources) },
  },
  platformSpecificBuildOptions: { value: configuration },
  resourceList: { value: Promise.resolve(fs.readdirSync(resources)) },
});
packager.sign(application, configuration, 3).then((signed) => {
  process.exitCode = signed ? 0 : 1;
});
