"use strict";

/**
 * Addresses, taken apart as Chromium does it. Nothing in the shell compares addresses as texts.
 */

const LOCAL_PROTOCOL = "djdesk:";
const LOCAL_HOST = "shell";

/**
 * Return `text` as an address, or null when it is none.
 *
 * @param {unknown} text
 * @returns {URL | null}
 */
function parseAddress(text) {
  if (typeof text !== "string") {
    return null;
  }
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/**
 * Tell whether an address carries a user name or a password.
 *
 * @param {URL} address
 */
function hasCredentials(address) {
  return address.username !== "" || address.password !== "";
}

/**
 * Tell whether a page at `address` belongs to the application's server.
 *
 * @param {URL} address
 * @param {string | null} origin of the server, null while there is none
 */
function isOwn(address, origin) {
  const own = parseAddress(origin);
  if (own === null || own.protocol !== "http:") {
    return false;
  }
  return address.protocol === "http:" && address.origin === own.origin && !hasCredentials(address);
}

/**
 * Tell whether `address` is a blob that a page of the application's server has made.
 *
 * @param {URL} address
 * @param {string | null} origin
 */
function isOwnBlob(address, origin) {
  const inner = address.protocol === "blob:" ? parseAddress(address.pathname) : null;
  return inner !== null && isOwn(inner, origin);
}

/**
 * Tell whether `address` is the shell's own page `name`, for example "splash.html".
 *
 * A scheme that Node does not know has no origin there: its parts are compared.
 *
 * @param {URL} address
 * @param {string} name
 */
function isLocalPage(address, name) {
  return (
    address.protocol === LOCAL_PROTOCOL &&
    address.host === LOCAL_HOST &&
    address.pathname === `/${name}` &&
    !hasCredentials(address)
  );
}

module.exports = { parseAddress, hasCredentials, isOwn, isOwnBlob, isLocalPage };
