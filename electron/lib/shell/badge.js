"use strict";

/** The count on the application's icon. Windows has none: there it is a dot with a description. */

const { app, nativeImage } = require("electron");

const SIZE = 16;
const PIXEL_BYTES = 4;

// Blue, green, red, opacity: the order that a bitmap has.
const COLOUR = Object.freeze([0x1e, 0x26, 0xb0, 0xff]);

/**
 * Show `count` on the application's icon; 0 shows nothing.
 *
 * @param {Electron.BrowserWindow | null} window
 * @param {number} count
 */
function setBadge(window, count) {
  if (process.platform !== "win32") {
    app.setBadgeCount(count);
  } else if (count === 0) {
    window?.setOverlayIcon(null, "");
  } else {
    window?.setOverlayIcon(dot(), String(count));
  }
}

/** A filled circle. */
function dot() {
  const pixels = Buffer.alloc(SIZE * SIZE * PIXEL_BYTES);
  const middle = (SIZE - 1) / 2;
  for (let y = 0; y < SIZE; y += 1) {
    for (let x = 0; x < SIZE; x += 1) {
      if (Math.hypot(x - middle, y - middle) <= SIZE / 2) {
        pixels.set(COLOUR, (y * SIZE + x) * PIXEL_BYTES);
      }
    }
  }
  return nativeImage.createFromBitmap(pixels, { width: SIZE, height: SIZE });
}

module.exports = { setBadge };
