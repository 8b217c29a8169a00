"use strict";

/**
 * Which request carries the token that opens the server.
 */

const { parseAddress, hasCredentials } = require("./origin");

const TOKEN_HEADER = "X-DJDesk-Token";

/** @type {Readonly<Record<string, string>>} Protocols of the server, as its origin has them. */
const SERVED = Object.freeze({ "http:": "http:", "ws:": "http:" });

/**
 * @typedef {object} OutgoingRequest
 * @property {string} url
 * @property {string | null} origin of the server, null while there is none
 * @property {boolean} ready whether the server has proved itself and lives
 * @property {boolean} ownWindow whether one of the application's windows makes the request
 */

/**
 * Tell whether the request goes to the application's server and nowhere else.
 *
 * @param {OutgoingRequest} request
 * @returns {boolean}
 */
function carriesToken({ url, origin, ready, ownWindow }) {
  if (!ready || !ownWindow) {
    return false;
  }
  const address = parseAddress(url);
  const own = parseAddress(origin);
  if (address === null || own === null || own.protocol !== "http:") {
    return false;
  }
  return (
    SERVED[address.protocol] === "http:" &&
    address.hostname === own.hostname &&
    portOf(address) === portOf(own) &&
    !hasCredentials(address)
  );
}

/**
 * Return the headers that the request is sent with.
 *
 * To be asked about every request, not only about those to the server: after a redirect Chromium
 * sends the headers of the first request again, so the token has to be taken out.
 *
 * @param {OutgoingRequest} request
 * @param {Readonly<Record<string, string>>} headers
 * @param {string} token
 * @returns {Record<string, string>} a new object
 */
function requestHeaders(request, headers, token) {
  const kept = Object.entries(headers).filter(([name]) => !isTokenHeader(name));
  const result = Object.fromEntries(kept);
  if (carriesToken(request)) {
    result[TOKEN_HEADER] = token;
  }
  return result;
}

/** @param {string} name */
function isTokenHeader(name) {
  return name.trim().toLowerCase() === TOKEN_HEADER.toLowerCase();
}

/** @param {URL} address of a protocol whose usual port is 80 */
function portOf(address) {
  return address.port === "" ? "80" : address.port;
}

module.exports = { TOKEN_HEADER, carriesToken, requestHeaders };
