"use strict";

/** The window that the user looks at. */

/**
 * Return the first of the windows that still exists.
 *
 * @template {{ isDestroyed: () => boolean }} Window
 * @param {Iterable<Window>} windows
 * @returns {Window | null}
 */
function firstOf(windows) {
  return [...windows].find((window) => !window.isDestroyed()) ?? null;
}

/**
 * Bring a window to the front.
 *
 * @param {Electron.BrowserWindow | null | undefined} window
 */
function bringToFront(window) {
  if (!window || window.isDestroyed()) {
    return;
  }
  if (window.isMinimized()) {
    window.restore();
  }
  window.show();
  window.focus();
}

module.exports = { bringToFront, firstOf };
