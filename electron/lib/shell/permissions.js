"use strict";

/** What pages ask the system for: answered at once, by the table of the policy. */

const { isAllowed } = require("../policy/permissions");

/**
 * Answer every request for a permission in a session. Devices, and the pictures of screens and
 * windows, have choices of their own: without a handler for these Electron refuses at once.
 *
 * @param {Electron.Session} session
 * @param {import("./token_header").Server} server
 * @param {readonly string[]} allowed
 */
function guardPermissions(session, server, allowed) {
  /** @param {string} permission @param {string} requestingUrl @param {boolean} mainFrame */
  const judge = (permission, requestingUrl, mainFrame) =>
    isAllowed(permission, { requestingUrl, origin: server.origin(), allowed, mainFrame });
  session.setPermissionRequestHandler((_contents, permission, callback, details) => {
    callback(judge(permission, details.requestingUrl, details.isMainFrame));
  });
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin, details) =>
    judge(permission, details.requestingUrl || requestingOrigin, details.isMainFrame),
  );
  session.setDevicePermissionHandler(() => false);
}

module.exports = { guardPermissions };
