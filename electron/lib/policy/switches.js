"use strict";

/**
 * Command-line switches that a packaged application starts with; it refuses all others.
 *
 * Who can start the application can do much else. But a switch is easily hidden in a shortcut, and
 * Chromium has some two thousand, among them many with which the window is no longer what its user
 * takes it for: other programs look into it, its sandbox is off, its requests go elsewhere. New
 * ones come with each version. So what is known to be harmless and of use is listed, not what is
 * known to be harmful.
 */

/** @typedef {"linux" | "darwin" | "win32"} Platform */
/** @typedef {(value: string) => boolean} ValueCheck */

/** Features of Chromium that users switch on or off to make windows work on their system. */
const FEATURES = Object.freeze([
  ...["UseOzonePlatform", "WaylandWindowDecorations", "WaylandLinuxDrmSyncobj"],
  ...["WaylandFractionalScaleV1", "WaylandPerSurfaceScale", "WaylandUiScale", "WaylandTextInputV3"],
  ...["VaapiVideoDecoder", "VaapiVideoDecodeLinuxGL", "VaapiIgnoreDriverChecks"],
  ...["AcceleratedVideoDecodeLinuxGL", "AcceleratedVideoDecodeLinuxZeroCopyGL"],
  ...["CalculateNativeWinOcclusion", "OverlayScrollbar", "TouchpadOverscrollHistoryNavigation"],
]);

/** @type {ValueCheck} */
const anyValue = () => true;

/** @type {ValueCheck} A name, a number or a list of them: no file, no address. */
const plainValue = (value) => /^[\w.,:@-]*$/.test(value);

/** @type {ValueCheck} */
const listedFeatures = (value) => value.split(",").every((name) => FEATURES.includes(name));

/** @type {Readonly<Record<string, ValueCheck>>} What every system has. */
const COMMON = Object.freeze({
  // The application's own: see docs/shell.md.
  "data-dir": anyValue,
  "smoke-test": anyValue,
  "smoke-test-seconds": anyValue,
  // How the window looks: scale, language, contrast, for people who need it otherwise.
  "force-device-scale-factor": plainValue,
  "high-dpi-support": plainValue,
  lang: plainValue,
  "force-color-profile": plainValue,
  "force-dark-mode": plainValue,
  "force-high-contrast": plainValue,
  "force-prefers-reduced-motion": plainValue,
  "force-renderer-accessibility": plainValue,
  "disable-renderer-accessibility": plainValue,
  "disable-smooth-scrolling": plainValue,
  "disable-pinch": plainValue,
  "touch-events": plainValue,
  // Where a driver of the graphics card is at fault.
  "disable-gpu": plainValue,
  "disable-gpu-compositing": plainValue,
  "disable-accelerated-video-decode": plainValue,
  "disable-software-rasterizer": plainValue,
  "use-gl": plainValue,
  "use-angle": plainValue,
  "enable-features": listedFeatures,
  "disable-features": listedFeatures,
});

/** @type {Readonly<Record<Platform, Readonly<Record<string, ValueCheck>>>>} */
const OWN = Object.freeze({
  linux: Object.freeze({
    // An AppImage adds it where the system denies user namespaces: no page would ever run.
    "no-sandbox": plainValue,
    // Which window system, and what it calls the window.
    "ozone-platform": plainValue,
    "ozone-platform-hint": plainValue,
    "enable-wayland-ime": plainValue,
    "wayland-text-input-version": plainValue,
    "gtk-version": plainValue,
    display: plainValue,
    class: plainValue,
    name: plainValue,
    "password-store": plainValue,
    "disable-dev-shm-usage": plainValue,
  }),
  darwin: Object.freeze({}),
  win32: Object.freeze({
    // The installer, when it starts the application; the system, for a click on a notification.
    updated: plainValue,
    embedding: plainValue,
    toastactivated: plainValue,
  }),
});

/** On macOS the Finder's own, and settings of the system for one start: their value follows. */
const OF_MACOS = /^-(psn_\w+|Apple[A-Z]\w*|NS[A-Z]\w*)$/;

/** What makes Electron write what pages say into a file. Fuses turn off those of Node. */
const REFUSED_VARIABLES = Object.freeze(["ELECTRON_ENABLE_LOGGING", "ELECTRON_LOG_FILE"]);

/** What a switch begins with; nothing else is one. */
const PREFIX = /^--?(?=.)/s;
const WINDOWS_PREFIX = /^(--?|\/)(?=.)/s;

/**
 * Return the names of the switches in `words` that a packaged application refuses.
 *
 * Reads them as Chromium does: one or two dashes, on Windows a slash as well; "--" ends them. What
 * is no switch is a file or an address, and is nobody's business here.
 *
 * @param {readonly string[]} words the command line without the program
 * @param {{ packaged: boolean, platform: string }} application
 * @returns {string[]} without dashes and values, in lower case, in order
 */
function refusedSwitches(words, { packaged, platform }) {
  if (!packaged) {
    return [];
  }
  const windows = platform === "win32";
  const prefix = windows ? WINDOWS_PREFIX : PREFIX;
  // There Chromium takes white space away first.
  const read = windows ? words.map((word) => word.trim()) : words;
  const end = read.indexOf("--");
  return (end === -1 ? read : read.slice(0, end))
    .filter((word) => prefix.test(word) && !(platform === "darwin" && OF_MACOS.test(word)))
    .map((word) => partsOf(word.replace(prefix, "")))
    .filter(({ name, value }) => !isAllowed(name, value, platform))
    .map(({ name }) => name);
}

/**
 * Return the names of the environment variables that a packaged application refuses.
 *
 * @param {NodeJS.ProcessEnv} environment
 * @param {{ packaged: boolean }} application
 * @returns {string[]}
 */
function refusedVariables(environment, { packaged }) {
  return packaged ? REFUSED_VARIABLES.filter((name) => environment[name]) : [];
}

/** @param {string} word without dashes */
function partsOf(word) {
  const equals = word.indexOf("=");
  const end = equals === -1 ? word.length : equals;
  return { name: word.slice(0, end).toLowerCase(), value: word.slice(end + 1) };
}

/** @param {string} name @param {string} value @param {string} platform */
function isAllowed(name, value, platform) {
  const own = OWN[/** @type {Platform} */ (platform)] ?? {};
  const found = [COMMON, own].find((table) => Object.keys(table).includes(name));
  return found?.[name]?.(value) === true;
}

module.exports = { refusedSwitches, refusedVariables };
