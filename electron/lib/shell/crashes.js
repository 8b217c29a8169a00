"use strict";

/** Pages that crash or hang, and the shell's own errors. Nothing is reported to anybody. */

const { BrowserWindow, app, crashReporter, dialog } = require("electron");
const { isShellPage } = require("./addresses");
const { homeOf } = require("./home");
const { loadAnew } = require("./reload");

/** Crashes that lie further apart have nothing to do with each other. */
const PERIOD_MS = 60000;

const NO_PAGES = [
  "The window cannot show anything.",
  "Reason: The process that draws it ends as soon as it has started.",
  "What to do: Restart the computer. If it happens again, report it and add the log.",
].join("\n");

/** Why a process may end without having failed. */
const HARMLESS = "clean-exit";

/** Keep the reports of crashes, and send none. To be called before the application is ready. */
function keepCrashReports() {
  crashReporter.start({ uploadToServer: false, ignoreSystemCrashHandler: true });
}

/**
 * Log an error that nobody caught, and end: what works on after it cannot be trusted.
 *
 * @param {import("../log").Log} log
 * @param {() => void} lastAct
 */
function handleErrors(log, lastAct) {
  const end = (/** @type {unknown} */ error) => {
    log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    lastAct();
    dialog.showErrorBox(
      `${app.getName()} has to close`,
      "Reason: an unexpected error, which is in the log.\n" +
        "What to do: start it again. If it happens again, report it and add the log.",
    );
    app.exit(1);
  };
  process.on("uncaughtException", end);
  process.on("unhandledRejection", end);
}

/**
 * Load a page that crashed again, once; then show the failure page. If that crashes too, no page
 * can be shown here at all, and the application ends.
 *
 * @param {Electron.WebContents} contents
 * @param {import("../log").Log} log
 */
function handleCrashes(contents, log) {
  /** @type {number[]} */
  let crashes = [];
  const react = (/** @type {string} */ reason) => {
    const home = homeOf(contents);
    if (reason === HARMLESS || home === undefined) {
      return;
    }
    const now = Date.now();
    crashes = [...crashes.filter((time) => now - time < PERIOD_MS), now];
    if (crashes.length === 1 && isPage(contents)) {
      loadAnew(contents);
    } else if (crashes.length <= 2) {
      home.fail(crashed(reason));
    } else {
      dialog.showErrorBox(app.getName(), NO_PAGES);
      app.quit();
    }
  };
  contents.on("render-process-gone", (_event, { reason }) => {
    log.error(`A page's process is gone: ${reason}`);
    // Chromium is still taking the process away: a reload at once would end the application
    // (electron/electron#51900).
    setImmediate(() => {
      if (!contents.isDestroyed()) {
        react(reason);
      }
    });
  });
  contents.on("unresponsive", () => {
    log.warning("A page does not respond.");
    offerReload(contents).catch((error) => log.error(String(error)));
  });
}

/** @param {Electron.WebContents} contents */
function isPage(contents) {
  const address = contents.getURL();
  return address !== "" && !isShellPage(address);
}

/** @param {string} reason Chromium's name for it */
function crashed(reason) {
  const why = reason === "oom" ? "It needed more memory than there is." : "It ended by itself, twice.";
  return [
    "The page has crashed.",
    `Reason: ${why} The log has more about it.`,
    "What to do: Try again. If it happens again, save the diagnostics from the menu and report it.",
  ].join("\n");
}

/** @param {Electron.WebContents} contents */
async function offerReload(contents) {
  const window = BrowserWindow.fromWebContents(contents);
  if (window === null) {
    return;
  }
  const { response } = await dialog.showMessageBox(window, {
    type: "warning",
    message: "The page does not respond.",
    detail: "You can wait for it, or load it again. What was typed into it may then be lost.",
    buttons: ["Wait", "Load Again"],
    defaultId: 0,
    cancelId: 0,
  });
  if (response === 1 && !contents.isDestroyed()) {
    // A page that hangs does not let itself be reloaded; a page that crashed is.
    contents.forcefullyCrashRenderer();
  }
}

module.exports = { handleCrashes, handleErrors, keepCrashReports };
