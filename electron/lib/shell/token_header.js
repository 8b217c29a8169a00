"use strict";

/** The token that opens the server, put into requests to it and taken out of all others. */

const { answerHeaders, requestHeaders } = require("../policy/headers");

/**
 * @typedef {object} Server What the shell knows of the server at this moment.
 * @property {() => string | null} origin the latest; null before there was one
 * @property {() => readonly number[]} ports of all servers so far, the latest too
 * @property {() => boolean} ready whether it has proved itself and lives
 * @property {() => boolean} held whether no other program can have its port when it is gone
 * @property {() => string} token
 */

/**
 * Return what is known of a supervisor's server, now and later.
 *
 * @param {import("../supervisor").Supervisor} supervisor
 * @returns {Server}
 */
function serverOf(supervisor) {
  return {
    origin: () => supervisor.origin,
    ports: () => [...supervisor.ports],
    ready: () => supervisor.isReady,
    held: () => supervisor.held !== null,
    token: () => supervisor.token,
  };
}

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
      held: server.held(),
      ownWindow: isOwn(details, origin),
    };
    callback({ requestHeaders: requestHeaders(request, details.requestHeaders, server.token()) });
  });
  session.webRequest.onHeadersReceived(({ url, responseHeaders = {} }, callback) => {
    callback({ responseHeaders: answerHeaders({ url, origin: server.origin() }, responseHeaders) });
  });
}

module.exports = { sendToken, serverOf };
