"use strict";

/**
 * Where a page may go. The window stays with the application's server; a link to elsewhere opens
 * in the user's browser or mail program, and everything else is refused.
 */

const { parseAddress, hasCredentials, isOwn, isOwnBlob } = require("./origin");
const { isFormer } = require("./requests");

/** @typedef {"allow" | "browser" | "mail" | "moved" | "deny"} NavigationVerdict */
/** @typedef {"inside" | "browser" | "mail" | "moved" | "deny"} WindowVerdict */

/** @type {Readonly<Record<string, "browser" | "mail">>} */
const EXTERNAL = Object.freeze({ "http:": "browser", "https:": "browser", "mailto:": "mail" });

/** Documents without a server, which a page makes inside itself. */
const EMPTY_DOCUMENTS = Object.freeze(["about:blank", "about:srcdoc"]);

/** Some mail programs attach the file that such a header names. */
const ATTACHING_HEADERS = Object.freeze(["attach", "attachment"]);

/**
 * Judge where a frame wants to go: by a link, a form, a script or a redirect.
 *
 * A frame inside a page never leaves the application: nobody sees where it goes, so it must not
 * open the browser either. "moved": it leads to where the server was before it was started again.
 *
 * @param {{ url: string, origin: string | null, ports?: readonly number[], mainFrame: boolean }}
 *   navigation origin: of the server, null while there is none; ports: of all servers so far
 * @returns {NavigationVerdict}
 */
function judgeNavigation({ url, origin, ports = [], mainFrame }) {
  const address = parseAddress(url);
  if (address === null) {
    return "deny";
  }
  if (isOwn(address, origin) || isOwnBlob(address, origin)) {
    return "allow";
  }
  if (!mainFrame) {
    return isEmptyDocument(address) ? "allow" : "deny";
  }
  return judgeElsewhere(address, origin, ports);
}

/**
 * Judge a window that a page wants to open, by `window.open` or a link with a target.
 *
 * @param {string} url
 * @param {string | null} origin
 * @param {readonly number[]} [ports] of all servers so far
 * @returns {WindowVerdict}
 */
function judgeWindowOpen(url, origin, ports = []) {
  if (url === "") {
    return "inside";
  }
  const address = parseAddress(url);
  if (address === null) {
    return "deny";
  }
  if (isOwn(address, origin) || isOwnBlob(address, origin)) {
    return "inside";
  }
  if (isEmptyDocument(address) && address.pathname === "blank") {
    return "inside";
  }
  return judgeElsewhere(address, origin, ports);
}

/**
 * Return `url` in the form that may be handed to the system's browser or mail program, or null.
 *
 * @param {string} url
 * @returns {string | null}
 */
function externalAddress(url) {
  const address = parseAddress(url);
  return address !== null && judgeExternal(address) !== "deny" ? address.href : null;
}

/**
 * @param {URL} address
 * @param {string | null} origin
 * @param {readonly number[]} ports
 */
function judgeElsewhere(address, origin, ports) {
  return isFormer(address, origin, ports) ? "moved" : judgeExternal(address);
}

/**
 * @param {URL} address
 * @returns {"browser" | "mail" | "deny"}
 */
function judgeExternal(address) {
  const program = EXTERNAL[address.protocol];
  if (program === undefined || hasCredentials(address)) {
    return "deny";
  }
  if (program === "browser") {
    return address.hostname === "" ? "deny" : "browser";
  }
  return isPlainMail(address) ? "mail" : "deny";
}

/** @param {URL} address */
function isPlainMail(address) {
  const headers = [...address.searchParams.keys()].map((name) => name.trim().toLowerCase());
  return !headers.some((name) => ATTACHING_HEADERS.includes(name));
}

/** @param {URL} address */
function isEmptyDocument(address) {
  return EMPTY_DOCUMENTS.includes(address.protocol + address.pathname);
}

module.exports = { judgeNavigation, judgeWindowOpen, externalAddress };
