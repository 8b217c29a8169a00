"use strict";

/**
 * The states of the supervisor, and what leads from one to the next. What is not here cannot be.
 */

/** @typedef {"idle" | "starting" | "ready" | "waiting" | "stopping" | "failed" | "stopped"} State */
/** @typedef {"start" | "ready" | "crash" | "fail" | "retry" | "stop" | "end"} Action */

/** @type {Readonly<Record<State, Readonly<Partial<Record<Action, State>>>>>} */
const TRANSITIONS = Object.freeze({
  idle: { start: "starting", stop: "stopped" },
  // There is a process, which has not proved itself yet.
  starting: { ready: "ready", crash: "waiting", fail: "failed", stop: "stopping" },
  ready: { crash: "waiting", fail: "failed", stop: "stopping" },
  // There is no process until the pause before the next one is over.
  waiting: { start: "starting", stop: "stopped" },
  failed: { retry: "starting", stop: "stopped" },
  stopping: { end: "stopped" },
  stopped: {},
});

/**
 * Return the state that `action` leads to, or null if it means nothing in `state`.
 *
 * @param {State} state
 * @param {Action} action
 * @returns {State | null}
 */
function nextState(state, action) {
  return TRANSITIONS[state][action] ?? null;
}

module.exports = { nextState };
