"use strict";

/** What a window shows while the server comes, goes and comes back. */

const { FAILURE, SPLASH, isShellPage } = require("./addresses");
const { catchUp, goTo, moveOf } = require("./catch_up");
const { createCover } = require("./cover");
const { wasPosted } = require("./failed_requests");
const { createFailureBox } = require("./failure_box");
const { fillInText, keepText } = require("./typed_text");

/** The page went elsewhere meanwhile: nothing failed. */
const ABORTED = -3;

/** The way back led to the answer to a form. */
const NOT_KEPT = -400;

/** A server that lives but whose page does not load is asked again this often, with pauses. */
const ATTEMPTS = 3;
const PAUSE_MS = 1000;

const UNLOADABLE = [
  "The page could not be loaded.",
  "Reason: The application runs, but its window got no answer. The log has more about it.",
  "What to do: Try again. If it happens again, save the diagnostics and report it.",
].join("\n");

/**
 * @typedef {object} HomeOptions
 * @property {import("../supervisor").Supervisor} supervisor
 * @property {import("./status").StatusKeeper} status
 * @property {import("../log").Log} log
 * @property {boolean} main whether the first page is loaded into this window
 * @property {() => unknown} openLogs
 *
 * @typedef {object} Home
 * @property {(message: string) => void} fail Show the failure page, with this message.
 * @property {() => void} retry Try again after that.
 * @property {() => boolean} explain Say why a page gets no answer, if none will come by itself;
 *   tell whether that is so.
 * @property {() => void} catchUp Load the page again where the server is, if that has moved.
 * @property {(url: string) => void} goTo Follow a link to where the server was.
 */

/** @type {WeakMap<Electron.WebContents, Home>} */
const homes = new WeakMap();

/**
 * Follow the server with a window, for as long as the window lives.
 *
 * @param {Electron.BrowserWindow} window
 * @param {HomeOptions} options
 */
function followServer(window, { supervisor, status, log, main, openLogs }) {
  const contents = window.webContents;
  const cover = createCover(contents);
  const box = createFailureBox(window, { status, log, openLogs });
  let url = "";
  const lift = () => cover.lift(url);
  const fail = (/** @type {string} */ message) => {
    status.set({ message, phase: "failed" });
    cover.show(FAILURE, { onKept: () => box.open(lift) });
  };
  const explain = () => {
    const failed = supervisor.state === "failed";
    if (failed && !cover.isOn()) {
      box.open(() => supervisor.retry());
    }
    return failed;
  };
  const retry = () => {
    cover.show(SPLASH);
    if (supervisor.isReady) {
      lift();
    } else {
      supervisor.retry();
    }
  };
  const onReady = (/** @type {{ url: string }} */ event) => {
    ({ url } = event);
    if (cover.isOn() || (main && contents.getURL() === "")) {
      lift();
    } else {
      catchUp(window, supervisor);
    }
  };
  const onFailed = async () => {
    if (!main && !cover.isOn()) {
      explain();
      return;
    }
    await keepText(contents);
    if (!contents.isDestroyed() && supervisor.state === "failed") {
      cover.show(FAILURE, { onKept: explain });
    }
  };
  homes.set(contents, {
    ...{ fail, retry, explain },
    catchUp: () => catchUp(window, supervisor),
    goTo: (address) => goTo(window, supervisor, address),
  });
  contents.on("did-finish-load", () => moveOf(contents) ?? fillInText(contents));
  supervisor.on("status", box.close);
  supervisor.on("ready", onReady);
  supervisor.on("failed", onFailed);
  window.on("closed", () => {
    box.close();
    supervisor.removeListener("status", box.close);
    supervisor.removeListener("ready", onReady);
    supervisor.removeListener("failed", onFailed);
  });
  if (supervisor.isReady) {
    onReady({ url: `${supervisor.origin}/` });
  } else if (status.current().phase === "failed") {
    onFailed();
  }
  onFailedLoad(contents, log, ({ attempt, posted }) => {
    if (attempt > ATTEMPTS) {
      fail(UNLOADABLE);
      return;
    }
    // A page whose request ends the server would end the next one as well.
    const again = attempt > 1;
    cover.show(supervisor.state === "failed" ? FAILURE : SPLASH, { posted, again });
    setTimeout(() => {
      if (!contents.isDestroyed() && supervisor.isReady && cover.isOn()) {
        lift();
      }
    }, PAUSE_MS);
  });
}

/**
 * Call `onFailure` when a page of the application does not load, with the number of times in a row.
 *
 * @param {Electron.WebContents} contents
 * @param {import("../log").Log} log
 * @param {(failed: { attempt: number, posted: boolean }) => void} onFailure
 */
function onFailedLoad(contents, log, onFailure) {
  let attempt = 0;
  // Chromium's own page for a failed load is navigated to as well; no server has answered then.
  contents.on("did-navigate", (_event, address, httpStatus) => {
    attempt = httpStatus > 0 && !isShellPage(address) ? 0 : attempt;
  });
  contents.on("did-fail-load", (_event, code, reason, address, isMainFrame) => {
    if (isMainFrame && code === NOT_KEPT) {
      // Chromium keeps no answers to forms, and never sends a form again unasked.
      contents.loadURL(address).catch(() => undefined);
    } else if (isMainFrame && code !== ABORTED && !isShellPage(address)) {
      attempt += 1;
      log.warning(`A page was not loaded: ${reason}`);
      onFailure({ attempt, posted: wasPosted(contents, address) });
    }
  });
}

/**
 * Return what a window shows, by its contents.
 *
 * @param {Electron.WebContents} contents
 */
function homeOf(contents) {
  return homes.get(contents);
}

module.exports = { followServer, homeOf };
