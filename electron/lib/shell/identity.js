"use strict";

/** What the system knows the application by: its name, its profile, and that there is one of it. */

const fs = require("node:fs");
const { app } = require("electron");
const { ShellError, reasonOf } = require("../errors");

const OWNER_ONLY = 0o700;

/**
 * Take the application's name, and its profile in the data folder. To be called before the
 * application is ready and before anything that uses the profile.
 *
 * @param {import("./application").Application} application
 * @throws {ShellError} if the folder cannot be made
 */
function takeIdentity({ name, identifier, places }) {
  app.setName(name);
  try {
    fs.mkdirSync(places.profile, { recursive: true, mode: OWNER_ONLY });
  } catch (error) {
    throw new ShellError("The folder for your data cannot be used.", {
      why: `${places.profile}: ${reasonOf(error)}`,
      next: "Make sure that there is room on the disk and that you may write there.",
    });
  }
  app.setPath("userData", places.profile);
  if (process.platform === "win32") {
    app.setAppUserModelId(identifier);
  }
}

/**
 * Claim the profile; false if another application has it, which then comes to the front.
 *
 * @param {() => void} onSecondStart also called on macOS, where there is no second one: for a click
 *   on the icon of the first, and perhaps as it starts
 * @returns {boolean}
 */
function claimProfile(onSecondStart) {
  if (!app.requestSingleInstanceLock()) {
    return false;
  }
  app.on("second-instance", onSecondStart);
  app.on("activate", onSecondStart);
  return true;
}

module.exports = { claimProfile, takeIdentity };
