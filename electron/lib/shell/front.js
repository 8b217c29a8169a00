"use strict";

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

module.exports = { bringToFront };
