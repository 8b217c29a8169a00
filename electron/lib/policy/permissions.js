"use strict";

/**
 * What a page may do beyond showing itself. Electron grants everything when nobody asks here.
 */

const { parseAddress, isOwn } = require("./origin");

/**
 * Never granted, whatever the configuration lists: they would lead past the other policies.
 */
const NEVER = Object.freeze(["openExternal", "unknown"]);

/**
 * Tell whether a page is given `permission`: one that the project's configuration lists, asked for
 * by the application's own page itself. A frame inside it may show an uploaded file.
 *
 * @param {string} permission Electron's name
 * @param {{ requestingUrl: string, origin: string | null, allowed: readonly string[],
 *   mainFrame: boolean }} request origin: of the server, null while there is none
 * @returns {boolean}
 */
function isAllowed(permission, { requestingUrl, origin, allowed, mainFrame }) {
  if (!mainFrame || NEVER.includes(permission) || !allowed.includes(permission)) {
    return false;
  }
  const address = parseAddress(requestingUrl);
  return address !== null && isOwn(address, origin);
}

module.exports = { isAllowed };
