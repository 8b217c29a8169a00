"use strict";

/**
 * What the shell tells its server, by standard input, and how the server proves that it is the one
 * that was told: nobody else can know the nonce.
 */

const crypto = require("node:crypto");

/** The server reads no longer line. */
const LONGEST_LINE = 65536;
const SECRET_BYTES = 32;

/** The descriptor that a server is given its socket as, after those of standard input and outputs. */
const SOCKET = 3;

const STOP_LINE = `${JSON.stringify({ command: "stop" })}\n`;

/**
 * Return a new secret: 43 characters of [A-Za-z0-9_-].
 *
 * @returns {string}
 */
function newSecret() {
  const text = crypto.randomBytes(SECRET_BYTES).toString("base64");
  return text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

/**
 * Return the first line of a server's standard input.
 *
 * @param {{ token: string, nonce: string, dataDir: string, port: number, held?: boolean }} start
 *   port: of the last time, 0 for what the server remembers; held: whether it is given a socket
 * @returns {string} with its line end
 * @throws {RangeError} if no server would read it
 */
function startLine({ token, nonce, dataDir, port, held = false }) {
  const preferred = port === 0 ? {} : { port };
  const given = held ? { socket: SOCKET } : {};
  const line = `${JSON.stringify({ token, nonce, data_dir: dataDir, ...preferred, ...given })}\n`;
  if (Buffer.byteLength(line) > LONGEST_LINE) {
    throw new RangeError("the path of the data folder is too long");
  }
  return line;
}

/**
 * Return the proof that a server at `url` gives that has read a start line.
 *
 * @param {{ token: string, nonce: string }} secrets of that line
 * @param {string} url
 * @returns {string} hexadecimal digits
 */
function proofOf({ token, nonce }, url) {
  return crypto.createHmac("sha256", token).update(`djdesk-ready\n${nonce}\n${url}`).digest("hex");
}

/**
 * Tell whether a ready event comes from the server that was given `secrets`, about itself.
 *
 * @param {{ url: string, port: number, proof: string }} ready
 * @param {{ token: string, nonce: string }} secrets
 * @returns {boolean}
 */
function isProven({ url, port, proof }, secrets) {
  if (url !== `http://127.0.0.1:${port}/`) {
    return false;
  }
  const expected = Buffer.from(proofOf(secrets, url));
  const given = Buffer.from(proof);
  return given.length === expected.length && crypto.timingSafeEqual(given, expected);
}

module.exports = { STOP_LINE, newSecret, startLine, proofOf, isProven };
