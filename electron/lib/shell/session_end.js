"use strict";

/** Log-off and shutdown on Windows, where no event of a quit is emitted and little time is left. */

/**
 * @param {Electron.BrowserWindow} window
 * @param {import("../supervisor").Supervisor} supervisor
 * @param {() => void} exit end the application at once
 */
function handleSessionEnd(window, supervisor, exit) {
  window.on("query-session-end", (event) => {
    if (isUpdating(supervisor)) {
      event.preventDefault(); // Windows then asks the user, or waits as long as it is willing to.
    }
  });
  window.on("session-end", () => {
    // Not every such end is one of the computer: an installer waits until the application has gone.
    supervisor.stop({ reason: "session-end" }).then(exit);
  });
}

/**
 * Tell whether a server is changing the databases, also one that is to end when it has done so.
 *
 * @param {{ state: import("../states").State, phase: string }} supervisor
 */
function isUpdating({ state, phase }) {
  return phase === "updating" && (state === "starting" || state === "stopping");
}

module.exports = { handleSessionEnd };
