"use strict";

/**
 * Who may send what to the main process.
 *
 * A channel's name says whose it is: `app:…` belongs to the application's pages, which come from
 * the server, and `shell:…` to the shell's own.
 */

const { parseAddress, isOwn, isLocalPage } = require("./origin");

const LOCAL_PAGES = Object.freeze(["splash.html", "failure.html", "find.html"]);

/** @type {Readonly<Record<string, (address: URL, origin: string | null) => boolean>>} */
const OWNERS = Object.freeze({
  app: isOwn,
  shell: (address) => LOCAL_PAGES.some((name) => isLocalPage(address, name)),
});

/**
 * Tell whether a message on `channel` comes from a page that may send it.
 *
 * Only the page itself is trusted, not a frame inside it: that may show an uploaded file.
 *
 * @param {string | null | undefined} frameUrl address of the sending frame; missing when it is gone
 * @param {boolean} isMainFrame
 * @param {string} channel
 * @param {string | null} origin of the server, null while there is none
 * @returns {boolean}
 */
function isTrustedSender(frameUrl, isMainFrame, channel, origin) {
  const address = parseAddress(frameUrl);
  if (address === null || !isMainFrame) {
    return false;
  }
  const end = channel.indexOf(":");
  const owner = end > 0 ? channel.slice(0, end) : "";
  const isOwner = Object.keys(OWNERS).includes(owner) ? OWNERS[owner] : undefined;
  return isOwner !== undefined && isOwner(address, origin);
}

module.exports = { isTrustedSender };
