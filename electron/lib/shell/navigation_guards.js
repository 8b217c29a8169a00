"use strict";

/** Where the pages of the application may go: asked for every page, whatever window it is in. */

const { judgeNavigation, judgeWindowOpen } = require("../policy/navigation");
const { openOutside } = require("./external");
const { homeOf } = require("./home");
const { backgroundColor } = require("./theme");

/**
 * @typedef {object} GuardOptions
 * @property {import("./token_header").Server} server
 * @property {import("../log").Log} log
 * @property {Electron.WebPreferences} webPreferences of the windows that pages open
 *
 * @typedef {Electron.Event<Electron.WebContentsWillFrameNavigateEventParams>} Navigation
 */

/**
 * Guard one page, for as long as it lives.
 *
 * @param {Electron.WebContents} contents
 * @param {GuardOptions} options
 */
function guardNavigation(contents, { server, log, webPreferences }) {
  /** @param {Navigation} details */
  const judge = (details) => {
    const { url, isMainFrame } = details;
    const [origin, ports] = [server.origin(), server.ports()];
    const verdict = judgeNavigation({ url, origin, ports, mainFrame: isMainFrame });
    if (verdict === "allow") {
      stayWhileAway(contents, details, server);
      return;
    }
    details.preventDefault();
    if (verdict === "deny") {
      log.warning("A page wanted to go where it may not.");
    } else if (verdict === "moved") {
      homeOf(contents)?.goTo(url);
    } else {
      openOutside(url, log);
    }
  };
  contents.on("will-frame-navigate", judge);
  contents.on("will-redirect", judge);
  contents.on("will-attach-webview", (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    const verdict = judgeWindowOpen(url, server.origin(), server.ports());
    if (verdict === "inside") {
      return isInVain(contents, url) ? { action: "deny" } : windowOf(webPreferences);
    }
    if (verdict === "moved") {
      homeOf(contents)?.catchUp();
    } else if (verdict !== "deny") {
      openOutside(url, log);
    }
    return { action: "deny" };
  });
}

/**
 * Keep a page where it is while its server is away: what was typed into it would be lost.
 *
 * @param {Electron.WebContents} contents
 * @param {Navigation} details
 * @param {import("./token_header").Server} server
 */
function stayWhileAway(contents, details, server) {
  if (details.isMainFrame && !server.ready()) {
    details.preventDefault();
    homeOf(contents)?.explain();
  }
}

/**
 * Tell whether a new window for `url` would wait for a server that has failed, and say so if it is.
 *
 * @param {Electron.WebContents} opener
 * @param {string} url
 */
function isInVain(opener, url) {
  return url.startsWith("http:") && homeOf(opener)?.explain() === true;
}

/**
 * What a page opens is a window like the first: it does not go, with what was typed into it, when
 * that is closed.
 *
 * @param {Electron.WebPreferences} webPreferences
 * @returns {Electron.WindowOpenHandlerResponse}
 */
function windowOf(webPreferences) {
  return {
    action: "allow",
    outlivesOpener: true,
    overrideBrowserWindowOptions: { backgroundColor: backgroundColor(), webPreferences },
  };
}

module.exports = { guardNavigation };
