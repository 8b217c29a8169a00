"use strict";

/**
 * A page of the shell laid over a page of the application, and taken away again.
 *
 * Taken away by going back in the window's history: Chromium then fills forms in as they were, so
 * text that was typed before the server went away is there again. A page that does not want to be
 * left (`beforeunload`) is not covered, and nobody is asked: it stays, and whoever wanted to cover
 * it is told.
 */

const { addressAt } = require("../policy/requests");
const { isShellPage } = require("./addresses");

/** @typedef {{ index: number, address: string }} Covered an entry of the history */

/** @type {WeakSet<Electron.WebContents>} What is about to be covered. */
const covering = new WeakSet();

/**
 * @param {Electron.WebContents} contents
 */
function createCover(contents) {
  /** @type {Covered | null} */
  let covered = null;
  let whenKept = () => {};
  const isOn = () => isShellPage(contents.getURL());
  const keep = (/** @type {() => void} */ tell) => {
    if (tell === whenKept && covering.delete(contents)) {
      tell();
    }
  };
  contents.on("will-prevent-unload", () => keep(whenKept));
  contents.on("did-navigate", (_event, address) => {
    if (isShellPage(address)) {
      covering.delete(contents);
    }
  });

  /**
   * Lay a page over whatever is shown.
   *
   * @param {string} page
   * @param {object} [options]
   * @param {boolean} [options.posted] a form was sent and no answer came; the form is in the entry
   *   before
   * @param {boolean} [options.again] it failed, not for the first time, so it is given up
   * @param {() => void} [options.onKept] called if what is shown stays, for whatever reason
   */
  const show = (page, { posted = false, again = false, onKept = () => {} } = {}) => {
    if (!isOn()) {
      covered = again ? null : entryOf(contents, posted);
    }
    if (contents.getURL() !== page) {
      const tell = () => onKept();
      whenKept = tell;
      covering.add(contents);
      contents.loadURL(page).catch(() => keep(tell));
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
    covering.delete(contents);
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

/** @param {Electron.WebContents} contents @param {string} address */
function load(contents, address) {
  // A page that does not load is told of by did-fail-load.
  contents.loadURL(address).catch(() => undefined);
}

/**
 * Tell whether a page of the shell is about to be laid over what is shown.
 *
 * @param {Electron.WebContents} contents
 */
function isBeingCovered(contents) {
  return covering.has(contents);
}

module.exports = { createCover, isBeingCovered };
