"use strict";

/**
 * What was typed into a page and not sent: kept while the page goes, and filled in when it is back.
 * Passwords and hidden fields are neither read nor kept.
 */

const fs = require("node:fs");
const path = require("node:path");
const { isShellPage } = require("./addresses");
const { isPosted } = require("./posted_pages");

/**
 * @typedef {object} Field
 * @property {string} key
 * @property {number} index among those of the same key
 * @property {string} value
 *
 * @typedef {object} TypedText
 * @property {string} place the path and the query of the page
 * @property {Field[]} fields
 * @property {boolean} files whether files were chosen, which no page can be given again
 */

const SOURCE = fs.readFileSync(path.join(__dirname, "..", "..", "pages", "typed_text.js"), "utf8");

/** A world beside the page's own and the preload's: the page's scripts do not reach it. */
const WORLD = 1337;

/** A page that hangs answers nothing. */
const ANSWER_MS = 2000;

/** @type {WeakMap<Electron.WebContents, TypedText>} */
const kept = new WeakMap();

/**
 * Keep what is typed into the page that is shown.
 *
 * @param {Electron.WebContents} contents
 * @returns {Promise<TypedText>} empty where nothing is typed, or no page answers
 */
async function keepText(contents) {
  const place = placeOf(contents.getURL());
  const nothing = { place, fields: [], files: false };
  if (isShellPage(contents.getURL())) {
    return kept.get(contents) ?? nothing;
  }
  const found = await run(contents, `collectText(${JSON.stringify(isPosted(contents))})`);
  const text = found === null ? nothing : { place, ...found };
  kept.set(contents, text);
  return text;
}

/**
 * Fill in what was kept, if the same page is there again. Another page ends the wait for it.
 *
 * @param {Electron.WebContents} contents
 * @returns {Promise<string[]>} what could not be filled in
 */
async function fillInText(contents) {
  const text = kept.get(contents);
  if (text === undefined || isShellPage(contents.getURL())) {
    return [];
  }
  kept.delete(contents);
  const values = text.fields.map(({ value }) => value);
  if (values.length === 0 || text.place !== placeOf(contents.getURL())) {
    return values;
  }
  return (await run(contents, `fillInText(${JSON.stringify(text.fields)})`)) ?? values;
}

/**
 * @param {Electron.WebContents} contents
 * @param {string} call
 * @returns {Promise<any>} null if the page gives no answer
 */
async function run(contents, call) {
  const code = `(() => {${SOURCE}\nreturn typedText.${call};})()`;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ANSWER_MS, null);
  });
  const answer = contents.executeJavaScriptInIsolatedWorld(WORLD, [{ code }]).catch(() => null);
  const found = await Promise.race([answer, late]);
  clearTimeout(timer);
  return found;
}

/** @param {string} address */
function placeOf(address) {
  try {
    const { pathname, search } = new URL(address);
    return pathname + search;
  } catch {
    return "";
  }
}

module.exports = { fillInText, keepText };
