"use strict";

/** Which pages failed to load after a form had been sent: they cannot simply be loaded again. */

const { webContents } = require("electron");

/** @type {WeakMap<Electron.WebContents, string>} The address that a form was sent to in vain. */
const posted = new WeakMap();

/**
 * Watch the requests of a session.
 *
 * @param {Electron.Session} session
 */
function watchFailedRequests(session) {
  session.webRequest.onErrorOccurred((details) => {
    if (details.resourceType !== "mainFrame" || details.webContentsId === undefined) {
      return;
    }
    const contents = webContents.fromId(details.webContentsId);
    if (contents && details.method === "POST") {
      posted.set(contents, details.url);
    } else if (contents) {
      posted.delete(contents);
    }
  });
}

/**
 * Tell whether the load of `address` that just failed had sent a form.
 *
 * @param {Electron.WebContents} contents
 * @param {string} address
 */
function wasPosted(contents, address) {
  return posted.get(contents) === address;
}

module.exports = { wasPosted, watchFailedRequests };
