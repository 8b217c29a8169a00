"use strict";

/**
 * When a window is shown that was made hidden so that it does not flash: once its page has painted.
 *
 * That cannot be all. On Wayland a hidden window paints nothing, so `ready-to-show` comes only after
 * the window is shown (electron/electron#48859), and on Windows it sometimes does not come. A page
 * that is loaded is shown without it: at once on Linux, elsewhere after a pause that painting does
 * not take. And a page that does not finish loading is not waited for without end.
 */

const AFTER_LOAD_MS = Object.freeze({ linux: 0, elsewhere: 1500 });

/** From the moment that it is known whether the server serves. */
const AFTER_START_MS = 10000;

/**
 * Call `show` once, as soon as the window can be shown, if it still exists.
 *
 * @param {Electron.BrowserWindow} window
 * @param {object} options
 * @param {import("../supervisor").Supervisor} options.supervisor
 * @param {string} options.platform
 * @param {() => void} options.show
 */
function showOnce(window, { supervisor, platform, show }) {
  /** @type {Set<NodeJS.Timeout>} */
  const timers = new Set();
  let over = false;
  const end = () => {
    over = true;
    timers.forEach((timer) => clearTimeout(timer));
    supervisor.removeListener("ready", onStart);
    supervisor.removeListener("failed", onStart);
  };
  const now = () => {
    if (!over) {
      end();
      show();
    }
  };
  const later = (/** @type {number} */ pause) => {
    if (pause === 0) {
      now();
    } else if (!over) {
      timers.add(setTimeout(now, pause));
    }
  };
  const onStart = () => later(AFTER_START_MS);
  window.once("ready-to-show", now);
  window.webContents.once("did-finish-load", () => later(pauseAfterLoad(platform)));
  window.once("closed", end);
  if (supervisor.isReady || supervisor.state === "failed") {
    onStart();
  } else {
    supervisor.once("ready", onStart);
    supervisor.once("failed", onStart);
  }
}

/** @param {string} platform */
function pauseAfterLoad(platform) {
  return platform === "linux" ? AFTER_LOAD_MS.linux : AFTER_LOAD_MS.elsewhere;
}

module.exports = { AFTER_LOAD_MS, AFTER_START_MS, showOnce };
