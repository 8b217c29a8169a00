"use strict";

/**
 * A page of the shell laid over a page of the application, and taken away again.
 *
 * Taken away by going back in the window's history: Chromium then fills forms in as they were, so
 * text that was typed before the server went away is there again.
 */

const { ORIGIN } = require("./pages");

/** @typedef {{ index: number, address: string }} Covered an entry of the history */

/**
 * @param {Electron.WebContents} contents
 */
function createCover(contents) {
  /** @type {Covered | null} */
  let covered = null;
  const isOn = () => contents.getURL().startsWith(ORIGIN);

  /**
   * Lay a page over whatever is shown.
   *
   * @param {string} page
   * @param {{ posted?: boolean }} [failed] posted: a form was sent and no answer came; the form is
   *   in the entry before
   */
  const show = (page, { posted = false } = {}) => {
    covered = isOn() ? covered : entryOf(contents, posted);
    if (contents.getURL() !== page) {
      load(contents, page);
    }
  };

  /**
   * Take the page away.
   *
   * @param {string} home what is shown where nothing was covered
   */
  const lift = (home) => {
    const entry = covered;
    covered = null;
    if (entry !== null && isThere(contents, entry) && isSameOrigin(entry.address, home)) {
      contents.navigationHistory.goToIndex(entry.index);
      return;
    }
    // The way back would only lead to the page that is taken away.
    contents.once("did-navigate", () => contents.navigationHistory.clear());
    load(contents, entry === null ? home : addressAt(home, entry.address));
  };
  return { isOn, lift, show };
}

/**
 * @param {Electron.WebContents} contents
 * @param {boolean} posted
 * @returns {Covered | null} null where no page of the application is shown yet
 */
function entryOf(contents, posted) {
  const history = contents.navigationHistory;
  const active = history.getActiveIndex();
  const index = posted && active > 0 ? active - 1 : active;
  const address = index < 0 ? "" : (history.getEntryAtIndex(index)?.url ?? "");
  return address.startsWith("http:") ? { index, address } : null;
}

/**
 * Tell whether the history still has the entry: one that failed to load may have been replaced.
 *
 * @param {Electron.WebContents} contents
 * @param {Covered} covered
 */
function isThere(contents, { index, address }) {
  return contents.navigationHistory.getEntryAtIndex(index)?.url === address;
}

/** @param {string} one @param {string} other */
function isSameOrigin(one, other) {
  return new URL(one).origin === new URL(other).origin;
}

/** The page at `address`, at the origin of `home`: the server may have moved to another port.
 *
 * @param {string} home @param {string} address */
function addressAt(home, address) {
  const { pathname, search, hash } = new URL(address);
  return new URL(pathname + search + hash, home).href;
}

/** @param {Electron.WebContents} contents @param {string} address */
function load(contents, address) {
  // A page that does not load is told of by did-fail-load.
  contents.loadURL(address).catch(() => undefined);
}

module.exports = { createCover };
