"use strict";

/** What every session of the application does with requests, permissions and downloads. */

const { app, session } = require("electron");
const { handleDownloads } = require("./downloads");
const { watchFailedRequests } = require("./failed_requests");
const { servePages } = require("./pages");
const { guardPermissions } = require("./permissions");
const { watchAnswers } = require("./posted_pages");
const { guardRequests } = require("./request_guard");
const { checkSpelling } = require("./spelling");
const { sendToken } = require("./token_header");

/**
 * Prepare the session that the windows use, and guard any other that might ever be made. To be
 * called when the application is ready, before the first window is made.
 *
 * @param {object} options
 * @param {import("./token_header").Server} options.server
 * @param {readonly string[]} options.permissions that the project's configuration lists
 * @param {string} options.icon of the application
 * @param {import("../log").Log} options.log
 */
function prepareSessions({ server, permissions, icon, log }) {
  const own = session.defaultSession;
  app.on("session-created", (other) => {
    guardPermissions(other, server, []);
    guardRequests(other, server);
  });
  guardPermissions(own, server, permissions);
  servePages(own, icon);
  guardRequests(own, server);
  sendToken(own, server);
  watchFailedRequests(own);
  watchAnswers(own);
  handleDownloads(own, { server, log });
  checkSpelling(own);
}

module.exports = { prepareSessions };
