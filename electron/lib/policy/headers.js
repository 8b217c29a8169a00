"use strict";

/**
 * What the headers of requests and answers hold: the token goes to the server and nowhere else, and
 * so do its cookies.
 */

const { parseAddress, hasCredentials, isOwn } = require("./origin");
const { sharesCookies } = require("./requests");

const TOKEN_HEADER = "X-DJDesk-Token";

/** @type {Readonly<Record<string, string>>} Protocols of the server, as its origin has them. */
const SERVED = Object.freeze({ "http:": "http:", "ws:": "http:" });

/**
 * @typedef {object} OutgoingRequest
 * @property {string} url
 * @property {string | null} origin of the server, null while there is none
 * @property {boolean} ready whether the server has proved itself and lives
 * @property {boolean} held whether no other program can have the server's port when it is gone
 * @property {boolean} ownWindow whether one of the application's windows makes the request
 */

/** Methods that only read. */
const READING = Object.freeze(["GET", "HEAD"]);

/**
 * Tell whether a page of the application makes a request, or the shell itself, which has no origin.
 *
 * Nobody else should be in the session. A sandboxed frame of the application has no origin of its
 * own either, "null", as has a document of anybody else's in such a frame: it may read if its
 * document came from the server, and change nothing.
 *
 * @param {{ initiatorOrigin?: string | undefined, method: string, document: string }} request the
 *   document is the address of the one that makes it, empty if that is not known
 * @param {string | null} origin of the server
 * @returns {boolean}
 */
function isOwnRequest({ initiatorOrigin, method, document }, origin) {
  if (initiatorOrigin === undefined || initiatorOrigin === origin) {
    return true;
  }
  const address = parseAddress(document);
  return (
    initiatorOrigin === "null" &&
    READING.includes(method) &&
    address !== null &&
    isOwn(address, origin)
  );
}

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
  const result = without(without(headers, TOKEN_HEADER), "Connection");
  if (carriesToken(request)) {
    result[TOKEN_HEADER] = token;
  }
  if (carriesToken(request) && !request.held) {
    // Chromium sends a request again by itself, unasked, where a connection that was used before
    // breaks: whoever has the port of a server that has crashed would get it, token and all.
    result["Connection"] = "close";
  }
  return sharesCookies(request.url, request.origin) ? without(result, "Cookie") : result;
}

/**
 * Return the headers of an answer as Chromium may have them: another server of the same host, on
 * another port, sets no cookies for this one.
 *
 * @template Value
 * @param {{ url: string, origin: string | null }} request
 * @param {Readonly<Record<string, Value>>} headers
 * @returns {Record<string, Value>} a new object
 */
function answerHeaders({ url, origin }, headers) {
  return sharesCookies(url, origin) ? without(headers, "Set-Cookie") : { ...headers };
}

/**
 * @template Value
 * @param {Readonly<Record<string, Value>>} headers
 * @param {string} name
 * @returns {Record<string, Value>}
 */
function without(headers, name) {
  const isIt = (/** @type {string} */ other) => other.trim().toLowerCase() === name.toLowerCase();
  return Object.fromEntries(Object.entries(headers).filter(([other]) => !isIt(other)));
}

/** @param {URL} address of a protocol whose usual port is 80 */
function portOf(address) {
  return address.port === "" ? "80" : address.port;
}

module.exports = { TOKEN_HEADER, answerHeaders, carriesToken, isOwnRequest, requestHeaders };
