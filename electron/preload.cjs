"use strict";

/**
 * What a page can ask the shell for. Runs before the page, isolated from it, in the sandbox: it has
 * no module of its own, and hands out functions, never Electron's own objects or events.
 */

const { contextBridge, ipcRenderer } = require("electron");

const VERSION_ARGUMENT = "--djdesk-version=";

/**
 * @param {string} channel
 * @param {(message: any) => void} callback
 */
function listen(channel, callback) {
  ipcRenderer.on(channel, (_event, message) => callback(message));
}

/** `window.djdesk`, for the project's pages: see README.md. */
function bridge() {
  const argument = process.argv.find((word) => word.startsWith(VERSION_ARGUMENT)) ?? "";
  return {
    version: argument.slice(VERSION_ARGUMENT.length),
    platform: process.platform,
    notify: (/** @type {unknown} */ notification) => ipcRenderer.invoke("app:notify", notification),
    openFile: (/** @type {unknown} */ options) => ipcRenderer.invoke("app:open-file", options),
    saveFile: (/** @type {unknown} */ options) => ipcRenderer.invoke("app:save-file", options),
    setBadge: (/** @type {unknown} */ count) => ipcRenderer.invoke("app:set-badge", count),
  };
}

/** `window.djdeskShell`, for the splash and the failure page.
 *
 * @returns {import("./lib/shell/types").ShellBridge} */
function shellBridge() {
  return {
    onStatus: (callback) => {
      listen("shell:status", callback);
      ipcRenderer.invoke("shell:status").then(callback);
    },
    retry: () => send("shell:retry"),
    openLogs: () => send("shell:open-logs"),
    saveDiagnostics: () => ipcRenderer.invoke("shell:save-diagnostics"),
    support: () => send("shell:support"),
    quit: () => send("shell:quit"),
  };
}

/** `window.djdeskFind`, for the bar of find in page.
 *
 * @returns {import("./lib/shell/types").FindBridge} */
function findBridge() {
  return {
    search: (request) => send("shell:find", request),
    onFound: (callback) => listen("shell:found", callback),
    close: () => send("shell:close-find"),
  };
}

/** @param {string} channel @param {unknown} [request] */
function send(channel, request) {
  ipcRenderer.invoke(channel, request);
}

if (window.location.protocol === "http:") {
  contextBridge.exposeInMainWorld("djdesk", bridge());
} else if (window.location.href === "djdesk://shell/find.html") {
  contextBridge.exposeInMainWorld("djdeskFind", findBridge());
} else if (window.location.origin === "djdesk://shell") {
  contextBridge.exposeInMainWorld("djdeskShell", shellBridge());
}
