"use strict";

/**
 * Spell checking, with the dictionaries that are there already.
 *
 * macOS has its own. Elsewhere Chromium would download one from the network as soon as a text is
 * typed, which this application does not do: it checks the languages whose dictionaries, in
 * Chromium's format and by Chromium's names such as "en-US-10-1.bdic", were shipped in the folder
 * `dictionaries` beside the bundle, or lie in the profile.
 */

const fs = require("node:fs");
const path = require("node:path");
const { app } = require("electron");

/** Nothing listens there: a dictionary that Chromium misses all the same stays missing. */
const NOWHERE = "http://127.0.0.1:9/";

const ENDING = ".bdic";

/** @param {Electron.Session} session */
function checkSpelling(session) {
  if (process.platform === "darwin") {
    return;
  }
  const folder = path.join(app.getPath("userData"), "Dictionaries");
  const shipped = app.isPackaged ? process.resourcesPath : path.join(__dirname, "..", "..");
  copyMissing(path.join(shipped, "dictionaries"), folder);
  const files = dictionariesIn(folder);
  const languages = session.availableSpellCheckerLanguages.filter((language) =>
    files.some((file) => file.startsWith(`${language}-`)),
  );
  session.setSpellCheckerDictionaryDownloadURL(NOWHERE);
  session.setSpellCheckerLanguages(languages);
  session.setSpellCheckerEnabled(languages.length > 0);
}

/** @param {string} from @param {string} to */
function copyMissing(from, to) {
  const missing = dictionariesIn(from).filter((file) => !fs.existsSync(path.join(to, file)));
  if (missing.length === 0) {
    return;
  }
  try {
    fs.mkdirSync(to, { recursive: true });
    for (const file of missing) {
      fs.copyFileSync(path.join(from, file), path.join(to, file));
    }
  } catch {
    // Without room for a dictionary, texts are not checked; nothing else is wrong.
  }
}

/** @param {string} folder @returns {string[]} */
function dictionariesIn(folder) {
  try {
    return fs.readdirSync(folder).filter((file) => file.endsWith(ENDING));
  } catch {
    return [];
  }
}

module.exports = { checkSpelling };
