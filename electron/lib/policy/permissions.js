"use strict";

/**
 * What a page may do beyond showing itself: every permission that Electron knows, and who has it.
 * Electron grants everything when nobody asks here.
 */

const { parseAddress, isOwn } = require("./origin");

/**
 * - "granted": to the application's own pages; browsers grant it without a question, mostly upon a
 *   click or a key only, which Chromium sees to here as well
 * - "listed": to them, where the project's configuration lists it; browsers ask their user
 * - "never": it would lead past the other policies, or needs a choice that no window offers
 *
 * @typedef {"granted" | "listed" | "never"} Rule
 */

/** @type {Readonly<Record<string, Rule>>} By Electron's names; one that is not here is "never". */
const RULES = Object.freeze({
  "clipboard-sanitized-write": "granted",
  fullscreen: "granted",
  keyboardLock: "granted",
  "persistent-storage": "granted",
  pointerLock: "granted",
  "screen-wake-lock": "granted",

  "clipboard-read": "listed",
  fileSystem: "listed",
  geolocation: "listed",
  "idle-detection": "listed",
  media: "listed",
  mediaKeySystem: "listed",
  midi: "listed",
  midiSysex: "listed",
  notifications: "listed",
  "speaker-selection": "listed",
  "storage-access": "listed",
  "top-level-storage-access": "listed",
  "window-management": "listed",

  ar: "never",
  "automatic-fullscreen": "never",
  "background-fetch": "never",
  "background-sync": "never",
  "captured-surface-control": "never",
  "deprecated-sync-clipboard-read": "never",
  "display-capture": "never",
  "geolocation-approximate": "never",
  "hand-tracking": "never",
  hid: "never",
  "local-fonts": "never",
  "local-network": "never",
  "local-network-access": "never",
  "loopback-network": "never",
  nfc: "never",
  openExternal: "never",
  "payment-handler": "never",
  "periodic-background-sync": "never",
  sensors: "never",
  serial: "never",
  "smart-card": "never",
  "system-wake-lock": "never",
  unknown: "never",
  usb: "never",
  vr: "never",
  "web-app-installation": "never",
  "web-printing": "never",
});

/**
 * What frames of the application have as well. A frame may show an uploaded file, which may fill the
 * screen as a video in the page does. Of file pickers Chromium does not tell who opens them.
 */
const FOR_FRAMES = Object.freeze(["fullscreen", "fileSystem"]);

/**
 * Tell whether a page is given `permission`.
 *
 * @param {string} permission Electron's name
 * @param {{ requestingUrl: string, origin: string | null, allowed: readonly string[],
 *   mainFrame: boolean }} request origin: of the server, null while there is none; allowed: what the
 *   project's configuration lists
 * @returns {boolean}
 */
function isAllowed(permission, { requestingUrl, origin, allowed, mainFrame }) {
  if (!mainFrame && !FOR_FRAMES.includes(permission)) {
    return false;
  }
  const rule = Object.keys(RULES).includes(permission) ? RULES[permission] : "never";
  if (rule === "never" || (rule === "listed" && !allowed.includes(permission))) {
    return false;
  }
  const address = parseAddress(requestingUrl);
  return address !== null && isOwn(address, origin);
}

module.exports = { RULES, isAllowed };
