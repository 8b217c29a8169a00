"use strict";

/** Log-off and shutdown on Windows, where no event of a quit is emitted and little time is left. */

/**
 * @param {Electron.BrowserWindow} window
 * @param {import("../supervisor").Supervisor} supervisor
 */
function handleSessionEnd(window, supervisor) {
  window.on("query-session-end", (event) => {
    if (supervisor.state === "starting" && supervisor.phase === "updating") {
      event.preventDefault(); // Windows then asks the user, or waits as long as it is willing to.
    }
  });
  window.on("session-end", () => {
    supervisor.stop({ reason: "session-end" });
  });
}

module.exports = { handleSessionEnd };
