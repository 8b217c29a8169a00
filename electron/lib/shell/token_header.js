"use strict";

/** The token that opens the server, put into requests to it and taken out of all others. */

const { answerHeaders, isOwnRequest, requestHeaders } = require("../policy/headers");

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
 * Return the address of the document that a frame shows; of one that is written into another
 * (about:srcdoc, about:blank), that of the other. Empty for a frame that is gone.
 *
 * @param {{ url: string, parent: any } | null | undefined} frame
 * @returns {string}
 */
function documentOf(frame) {
  try {
    let shown = frame;
    while (shown && shown.url.startsWith("about:")) {
      shown = shown.parent;
    }
    return shown ? shown.url : "";
  } catch {
    return ""; // Electron throws for a frame that has gone meanwhile
  }
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
      ownWindow: isOwnRequest(
        {
          initiatorOrigin: details.initiatorOrigin,
          method: details.method,
          document: documentOf(details.frame),
        },
        origin,
      ),
    };
    callback({ requestHeaders: requestHeaders(request, details.requestHeaders, server.token()) });
  });
  session.webRequest.onHeadersReceived(({ url, responseHeaders = {} }, callback) => {
    callback({ responseHeaders: answerHeaders({ url, origin: server.origin() }, responseHeaders) });
  });
}

module.exports = { documentOf, sendToken, serverOf };
