"use strict";

/**
 * Which requests leave the windows. On this computer only the server that has proved itself is
 * asked by its own address: whoever takes the port of a server that has gone would speak as the
 * application, and cookies do not know ports.
 */

const { hasCredentials, isOwn, parseAddress } = require("./origin");

/**
 * @typedef {object} ServerState
 * @property {string | null} origin of the latest server that has proved itself; null before that
 * @property {boolean} ready whether that server lives
 * @property {readonly number[]} ports of all servers that have proved themselves, the latest too
 */

/** @type {Readonly<Record<string, { plain: string, port: number }>>} Protocols of the network. */
const NETWORK = Object.freeze({
  "http:": { plain: "http:", port: 80 },
  "https:": { plain: "https:", port: 443 },
  "ws:": { plain: "http:", port: 80 },
  "wss:": { plain: "https:", port: 443 },
  "ftp:": { plain: "ftp:", port: 21 },
});

/** Names and addresses of this computer, as Chromium writes them. */
const LOOPBACK = [
  /^127\.\d+\.\d+\.\d+$/,
  /^0\.0\.0\.0$/,
  /^(.+\.)?localhost\.?$/,
  /^\[::1?\]$/,
  /^\[::ffff:(7f[0-9a-f]{2}:[0-9a-f]{1,4}|0:0)\]$/,
];

/**
 * Tell whether a request may leave. One to this computer may not go where a server of the
 * application is or was, unless that is the one that is proved now; and nowhere at all while none
 * is.
 *
 * @param {string} url
 * @param {ServerState} server
 * @returns {boolean}
 */
function isRequestAllowed(url, { origin, ready, ports }) {
  const address = parseAddress(url);
  if (address === null) {
    return false;
  }
  if (!isOfNetwork(address) || !isLoopback(address)) {
    return true;
  }
  if (!ready) {
    return false;
  }
  return isProven(address, origin) || !ports.includes(portOf(address));
}

/**
 * Tell whether an address leads to where a server of the application is or was, but not by the
 * origin of the one that is there now.
 *
 * @param {URL} address
 * @param {string | null} origin
 * @param {readonly number[]} ports
 */
function isFormer(address, origin, ports) {
  const local = isOfNetwork(address) && isLoopback(address);
  return local && ports.includes(portOf(address)) && !isProven(address, origin);
}

/**
 * Tell whether an address has the server's host, and another port: the cookies of the one would be
 * sent to the other, and kept from there.
 *
 * @param {string} url
 * @param {string | null} origin
 */
function sharesCookies(url, origin) {
  const address = parseAddress(url);
  const own = parseAddress(origin);
  return (
    address !== null &&
    own !== null &&
    isOfNetwork(address) &&
    address.hostname === own.hostname &&
    !isProven(address, origin)
  );
}

/**
 * Return the page at `address` as it is called at `origin`.
 *
 * @param {string} origin
 * @param {string} address
 */
function addressAt(origin, address) {
  const { pathname, search, hash } = new URL(address);
  // A path may begin with two slashes, which a relative address would take for a host.
  return new URL(origin).origin + pathname + search + hash;
}

/** @param {URL} address @param {string | null} origin */
function isProven(address, origin) {
  const plain = NETWORK[address.protocol]?.plain;
  return plain === "http:" && !hasCredentials(address) && isOwn(asHttp(address), origin);
}

/** @param {URL} address a WebSocket's, or one of HTTP */
function asHttp(address) {
  return new URL(address.href.replace(/^ws:/, "http:"));
}

/** @param {URL} address */
function isOfNetwork({ protocol }) {
  return Object.keys(NETWORK).includes(protocol);
}

/** @param {URL} address */
function isLoopback({ hostname }) {
  return LOOPBACK.some((pattern) => pattern.test(hostname));
}

/** @param {URL} address of the network */
function portOf({ port, protocol }) {
  return port === "" ? (NETWORK[protocol]?.port ?? 0) : Number(port);
}

module.exports = { addressAt, isFormer, isRequestAllowed, sharesCookies };
