"use strict";

/**
 * Notifications, kept for as long as they can be clicked: one that nothing refers to is collected as
 * garbage, and a click on it goes nowhere (electron/electron#16922).
 */

/** Systems do not tell of each that is dismissed. */
const MOST = 100;

/** @type {Set<Electron.Notification>} the oldest first */
const kept = new Set();

/**
 * Keep a notification until it is done with, or until many others came after it.
 *
 * @param {Electron.Notification} notification that is about to be shown
 */
function keep(notification) {
  const forget = () => kept.delete(notification);
  notification.once("click", forget);
  notification.once("close", forget);
  notification.once("failed", forget);
  kept.add(notification);
  for (const oldest of kept) {
    if (kept.size <= MOST) {
      break;
    }
    kept.delete(oldest);
  }
}

/** How many are kept. */
function keptCount() {
  return kept.size;
}

module.exports = { MOST, keep, keptCount };
