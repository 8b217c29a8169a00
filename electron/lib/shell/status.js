"use strict";

/** What the splash and the failure page show, from what the supervisor reports. */

/** @typedef {import("./types").ShellStatus} ShellStatus */
/**
 * @typedef {object} StatusKeeper
 * @property {() => ShellStatus} current
 * @property {(change: Partial<ShellStatus>) => void} set
 * @property {(listener: (status: ShellStatus) => void) => void} onChange
 */

/** @type {Omit<ShellStatus, "name" | "support">} */
const AT_FIRST = Object.freeze({
  phase: "starting",
  message: "Starting…",
  detail: "",
  fraction: null,
  tail: "",
  log: "",
});

/**
 * Keep the present status, from now on.
 *
 * @param {import("node:events").EventEmitter} supervisor
 * @param {{ name: string, support: string }} application
 * @returns {StatusKeeper}
 */
function followStatus(supervisor, { name, support }) {
  /** @type {ShellStatus} */
  let current = { ...AT_FIRST, name, support };
  /** @type {((status: ShellStatus) => void)[]} */
  const listeners = [];
  const set = (/** @type {Partial<ShellStatus>} */ change) => {
    current = { ...current, tail: "", detail: "", fraction: null, ...change };
    for (const listener of listeners) {
      listener(current);
    }
  };
  // Once the application is on its way out, nothing that starts is of interest.
  const report = (/** @type {Partial<ShellStatus>} */ change) => {
    if (current.phase !== "stopping") {
      set(change);
    }
  };
  supervisor.on("status", report);
  supervisor.on("ready", ({ log }) => {
    report({ message: "Opening…", phase: "running", log: log ?? "" });
  });
  supervisor.on("failed", ({ message, tail, log }) => {
    report({ message, phase: "failed", tail, log: log ?? "" });
  });
  const onChange = (/** @type {(status: ShellStatus) => void} */ listener) => {
    listeners.push(listener);
  };
  return { current: () => current, set, onChange };
}

module.exports = { followStatus };
