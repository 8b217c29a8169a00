"use strict";

/**
 * What a page may ask the shell for, checked: a page can be made to send anything. Each function
 * returns what was asked for, with nothing added, or throws a TypeError that says what is wrong.
 */

const LONGEST_TEXT = 2000;
const LONGEST_NAME = 255;
const MOST_FILTERS = 20;
const MOST_EXTENSIONS = 50;
const LARGEST_BADGE = 999999;
const EXTENSION = /^(?:\*|[A-Za-z0-9][A-Za-z0-9._-]{0,31})$/;

/** What a file name must not hold: a folder, or what Windows takes for something else. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const NOT_IN_NAMES = /[\u0000-\u001f<>:"/\\|?*]/g;

/**
 * @param {unknown} request
 * @returns {{ title: string, body: string }}
 */
function readNotification(request) {
  const { title, body } = readObject(request, ["title", "body"]);
  return { title: readText(title, "title"), body: readText(body ?? "", "body") };
}

/**
 * @param {unknown} request
 * @returns {{ title: string, filters: Electron.FileFilter[], multiple: boolean }}
 */
function readOpenFile(request) {
  const { title, filters, multiple } = readObject(request ?? {}, ["title", "filters", "multiple"]);
  if (multiple !== undefined && typeof multiple !== "boolean") {
    throw new TypeError("multiple must be true or false");
  }
  const text = readText(title ?? "", "title");
  return { title: text, filters: readFilters(filters), multiple: multiple ?? false };
}

/**
 * @param {unknown} request
 * @returns {{ title: string, filters: Electron.FileFilter[], name: string }} name: that is offered,
 *   without any folder
 */
function readSaveFile(request) {
  const { title, filters, name } = readObject(request ?? {}, ["title", "filters", "name"]);
  const plain = readText(name ?? "", "name").replace(NOT_IN_NAMES, "_").slice(0, LONGEST_NAME);
  return { title: readText(title ?? "", "title"), filters: readFilters(filters), name: plain };
}

/**
 * @param {unknown} count
 * @returns {number}
 */
function readBadge(count) {
  if (!Number.isInteger(count) || Number(count) < 0 || Number(count) > LARGEST_BADGE) {
    throw new TypeError(`the count must be a whole number from 0 to ${LARGEST_BADGE}`);
  }
  return Number(count);
}

/**
 * @param {unknown} request
 * @returns {import("./types").FindRequest}
 */
function readFind(request) {
  const { text, forward, again } = readObject(request, ["text", "forward", "again"]);
  if (typeof forward !== "boolean" || typeof again !== "boolean") {
    throw new TypeError("forward and again must be true or false");
  }
  return { text: readText(text, "text"), forward, again };
}

/**
 * @param {unknown} value
 * @param {string[]} known
 * @returns {Record<string, unknown>}
 */
function readObject(value, known) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError("the request must be an object");
  }
  const unknown = Object.keys(value).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new TypeError(`the request has no ${unknown.join(", ")}; it has ${known.join(", ")}`);
  }
  return /** @type {Record<string, unknown>} */ (value);
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {string}
 */
function readText(value, name) {
  if (typeof value !== "string" || value.length > LONGEST_TEXT) {
    throw new TypeError(`${name} must be a text of at most ${LONGEST_TEXT} characters`);
  }
  return value;
}

/**
 * @param {unknown} value
 * @returns {Electron.FileFilter[]}
 */
function readFilters(value) {
  if (value === undefined) {
    return [];
  }
  if (!Array.isArray(value) || value.length > MOST_FILTERS) {
    throw new TypeError(`filters must be a list of at most ${MOST_FILTERS}`);
  }
  return value.map((filter) => {
    const { name, extensions } = readObject(filter, ["name", "extensions"]);
    if (!Array.isArray(extensions) || extensions.length > MOST_EXTENSIONS) {
      throw new TypeError(`extensions must be a list of at most ${MOST_EXTENSIONS}`);
    }
    if (!extensions.every((extension) => EXTENSION.test(String(extension)))) {
      throw new TypeError("an extension is letters and digits without a leading dot, or *");
    }
    return { name: readText(name, "name"), extensions: extensions.map(String) };
  });
}

module.exports = { readBadge, readFind, readNotification, readOpenFile, readSaveFile };
