"use strict";

/**
 * How long a server may take: to say something while it starts, and to end when it is asked to.
 */

/** @typedef {"quit" | "session-end"} StopReason session-end: the system will not wait */

/** Milliseconds. */
const PATIENCE = Object.freeze({
  // Without a word from a starting server, and from one that changes the databases.
  starting: 60000,
  updating: 600000,
  // From a server's word that it has failed to its end.
  failed: 5000,
  // Until a server that was asked to stop is terminated. It answers what is open for 5 seconds,
  // ends its threads in one, and gives what the project leaves running three more.
  quit: 12000,
  // The same of one that changes the databases, from its last word on.
  quitUpdating: 60000,
  // It gives itself 1.7 seconds; all that follows has to be over within five.
  sessionEnd: 2000,
  // Until a server that was terminated is killed.
  terminated: 2000,
});

/** @typedef {{ [Name in keyof typeof PATIENCE]: number }} Patience */

/**
 * Stop `server`: ask it, terminate it, kill it. Its "end" is the end of that.
 *
 * @param {import("./server_process").ServerProcess} server
 * @param {object} circumstances
 * @param {StopReason} circumstances.reason
 * @param {() => string} circumstances.phase of the server, which may change
 * @param {Patience} circumstances.patience
 * @param {() => number} circumstances.lastWord when the server said something, as `now`
 * @param {import("./alarm").Alarm} circumstances.alarm
 * @param {() => number} circumstances.now
 */
function stopPatiently(server, { reason, phase, lastWord, patience, alarm, now }) {
  const since = now();
  const terminate = () => {
    const from = phase() === "updating" && reason === "quit" ? Math.max(since, lastWord()) : since;
    const left = from + stopPatience(reason, phase(), patience) - now();
    if (left > 0) {
      // Not all at once: an update may begin or end meanwhile.
      alarm.set(Math.min(left, patience.quit), terminate);
    } else if (server.terminate()) {
      alarm.set(patience.terminated, () => server.kill());
    } else {
      server.kill();
    }
  };
  if (reason === "session-end") {
    server.hangUp();
  } else {
    server.askToStop();
  }
  terminate();
}

/**
 * @param {StopReason} reason
 * @param {string} phase
 * @param {Patience} patience
 */
function stopPatience(reason, phase, patience) {
  if (reason === "session-end") {
    return patience.sessionEnd;
  }
  return phase === "updating" ? patience.quitUpdating : patience.quit;
}

module.exports = { PATIENCE, stopPatiently };
