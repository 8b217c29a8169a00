"use strict";

/** Pages, loaded again. */

const { homeOf } = require("./home");
const { isPosted, withoutFragment } = require("./posted_pages");

/**
 * Load a page again for its user. While the server is away it stays: nothing could take its place.
 *
 * @param {Electron.WebContents} contents
 * @param {{ isReady: boolean }} supervisor
 */
function reload(contents, { isReady }) {
  if (!isReady) {
    homeOf(contents)?.explain();
  } else if (isPosted(contents)) {
    loadAnew(contents);
  } else {
    contents.reload();
  }
}

/**
 * Load the page at the address that is shown, as if it had been typed. That works for the answer to
 * a form, too, where `reload` does nothing: it would have to ask first whether the form is to be
 * sent again, and Electron has no such question (electron/electron#32553).
 *
 * @param {Electron.WebContents} contents
 */
function loadAnew(contents) {
  // With its fragment, an address could mean no more than another place in the same page.
  // A page that does not load is told of by did-fail-load.
  contents.loadURL(withoutFragment(contents.getURL())).catch(() => undefined);
}

module.exports = { loadAnew, reload };
