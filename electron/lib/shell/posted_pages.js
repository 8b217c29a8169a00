"use strict";

/** Which pages are the answer to a form that was sent: Chromium does not simply load them again. */

/** @type {Set<string>} Where the last answer was one to a form. It is shown next, if at all. */
const answered = new Set();

/** @type {WeakSet<Electron.WebContents>} What shows such an answer. */
const posted = new WeakSet();

/**
 * Watch the answers of a session that can become pages.
 *
 * @param {Electron.Session} session
 */
function watchAnswers(session) {
  session.webRequest.onResponseStarted(({ resourceType, url, method }) => {
    const address = withoutFragment(url);
    if (resourceType === "mainFrame" && method === "POST") {
      answered.add(address);
    } else if (resourceType === "mainFrame") {
      answered.delete(address);
    }
  });
}

/**
 * Remember what a window shows. Not every answer is shown: some are saved to a file.
 *
 * @param {Electron.WebContents} contents
 */
function rememberPage(contents) {
  contents.on("did-navigate", (_event, address) => {
    if (answered.delete(withoutFragment(address))) {
      posted.add(contents);
    } else {
      posted.delete(contents);
    }
  });
}

/**
 * Tell whether a window shows the answer to a form.
 *
 * @param {Electron.WebContents} contents
 */
function isPosted(contents) {
  return posted.has(contents);
}

/** @param {string} address */
function withoutFragment(address) {
  return address.split("#", 1)[0] ?? address;
}

module.exports = { isPosted, rememberPage, watchAnswers, withoutFragment };
