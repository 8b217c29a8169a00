"use strict";

/** The token that opens the server, put into requests to it and taken out of all others. */

const { requestHeaders } = require("../policy/headers");

/**
 * @typedef {object} Server What the shell knows of the server at this moment.
 * @property {() => string | null} origin the latest; null before there was one
 * @property {() => boolean} ready whether it has proved itself and lives
 * @property {() => string} token
 */

/**
 * Tell whether a page of the application makes a request, or the shell itself, which has no origin.
 *
 * Nobody else should be in the session. But a document without an origin of its own, such as an
 * uploaded file in a sandboxed frame, is not the application.
 *
 * @param {{ initiatorOrigin?: string }} details
 * @param {string | null} origin of the server
 */
function isOwn({ initiatorOrigin }, origin) {
  return initiatorOrigin === undefined || initiatorOrigin === origin;
}

/**
 * Judge every request of a session.
 *
 * @param {Electron.Session} session
 * @param {Server} server
 */
function sendToken(session, server) {
  session.webRequest.onBeforeSendHeaders((details, callback) => {
    const origin = server.origin();
    const request = {
      url: details.url,
      origin,
      ready: server.ready(),
      ownWindow: isOwn(details, origin),
    };
    callback({ requestHeaders: requestHeaders(request, details.requestHeaders, server.token()) });
  });
}

module.exports = { sendToken };
