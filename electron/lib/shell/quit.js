"use strict";

/** The end of the application: the server stops first, in its own time, and then the process. */

const { app, powerMonitor } = require("electron");
const { imageOf, startAfterwards } = require("../next_start");
const { shutdownOn } = require("../policy/shutdown");

/**
 * @typedef {object} QuitOptions
 * @property {import("../supervisor").Supervisor} supervisor
 * @property {import("./status").StatusKeeper} status
 * @property {import("../log").Log} log
 *
 * @typedef {object} Ending
 * @property {() => boolean} hasBegun
 * @property {() => void} startAgain Start the application anew once it has ended.
 */

/**
 * Let the application end no sooner than its server.
 *
 * @param {QuitOptions} options
 * @returns {Ending}
 */
function handleQuit({ supervisor, status, log }) {
  /** @type {Promise<void> | null} */
  let stopping = null;
  let again = false;
  /** @type {import("../patience").StopReason} */
  let reason = "quit";
  const finish = async () => {
    await supervisor.stop({ reason });
    if (again && reason === "quit") {
      startNext(log);
    }
    // Every window is closed, or was told why it has to close.
    app.exit(0);
  };
  const stop = () => {
    stopping = stopping ?? finish();
  };
  app.on("before-quit", (event) => {
    if (stopping !== null) {
      event.preventDefault();
    } else if (reason === "quit" && status.current().phase === "updating") {
      // The splash stays, and says why it takes a while.
      event.preventDefault();
      status.set({ message: "Finishing the update, then closing…", phase: "stopping" });
      stop();
    }
  });
  app.on("will-quit", (event) => {
    event.preventDefault();
    stop();
  });
  app.on("window-all-closed", () => app.quit());
  const onShutdown = (/** @type {Electron.Event} */ event) => {
    const shutdown = shutdownOn(process.platform);
    if (shutdown.delay) {
      event.preventDefault();
    }
    ({ reason } = shutdown);
    if (stopping === null) {
      app.quit();
    } else {
      supervisor.stop({ reason });
    }
  };
  // Linux and macOS; Windows is in session_end.js.
  app.whenReady().then(() => {
    // Electron's first listener of all only starts the monitor: if it was the one for shutdowns,
    // Linux would not be asked to wait.
    powerMonitor.on("resume", () => undefined);
    powerMonitor.on("shutdown", /** @type {() => void} */ (onShutdown));
  });
  const startAgain = () => {
    again = true;
  };
  return { hasBegun: () => stopping !== null, startAgain };
}

/** @param {import("../log").Log} log */
function startNext(log) {
  const { argv, env: environment, execPath } = process;
  const image = imageOf(environment, execPath);
  if (image === null) {
    app.relaunch();
    return;
  }
  startAfterwards(image, {
    words: argv.slice(1),
    workingFolder: process.cwd(),
    environment,
    onError: (error) => log.error(`The application is not started again: ${error.message}`),
  });
}

module.exports = { handleQuit };
