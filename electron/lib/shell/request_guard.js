"use strict";

/** No request of the windows reaches a server of this computer that has not proved itself. */

const { isRequestAllowed } = require("../policy/requests");

/**
 * Judge every request of a session before it is sent: of pages, frames and workers, redirects,
 * downloads and WebSockets. One that is cancelled opens no connection.
 *
 * @param {Electron.Session} session
 * @param {import("./token_header").Server} server
 */
function guardRequests(session, server) {
  session.webRequest.onBeforeRequest(({ url }, callback) => {
    const state = { origin: server.origin(), ports: server.ports(), ready: server.ready() };
    callback({ cancel: !isRequestAllowed(url, state) });
  });
}

module.exports = { guardRequests };
