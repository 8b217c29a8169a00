"use strict";

/** The end of the application: the server stops first, in its own time, and then the process. */

const { app, powerMonitor } = require("electron");

/**
 * @typedef {object} QuitOptions
 * @property {import("../supervisor").Supervisor} supervisor
 * @property {import("./status").StatusKeeper} status
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
function handleQuit({ supervisor, status }) {
  /** @type {Promise<void> | null} */
  let stopping = null;
  let again = false;
  const finish = async () => {
    await supervisor.stop();
    if (again) {
      app.relaunch();
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
    } else if (status.current().phase === "updating") {
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
  // Linux and macOS ask, and wait; Windows is in session_end.js.
  app.on("ready", () => {
    powerMonitor.on("shutdown", () => app.quit());
  });
  const startAgain = () => {
    again = true;
  };
  return { hasBegun: () => stopping !== null, startAgain };
}

module.exports = { handleQuit };
