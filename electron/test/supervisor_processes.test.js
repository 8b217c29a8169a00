"use strict";

/** The supervisor with real processes: small servers, each with a vice of its own. */

const assert = require("node:assert/strict");
const os = require("node:os");
const path = require("node:path");
const { test } = require("node:test");

const { PAUSES_MS } = require("../lib/restarts");
const { Supervisor } = require("../lib/supervisor");
const { ended, get, isAlive } = require("./fixtures/processes");
const { next, watch } = require("./fixtures/watching");

const SERVER = path.join(__dirname, "fixtures", "fake_server.js");
const POSIX = process.platform !== "win32";
const TIMEOUT = 60000;

/** Long enough for a process to start on a busy machine, where nothing is about to be waited for. */
const SHORT = Object.freeze({ quit: 200, quitUpdating: 400, sessionEnd: 200, terminated: 200 });

/** The pauses before restarts are not what is tested here. */
const HURRIED = Object.freeze({
  setTimeout: (/** @type {() => void} */ work, /** @type {number} */ pause) =>
    setTimeout(work, PAUSES_MS.slice(1).includes(pause) ? 1 : pause),
});

/**
 * Return a supervisor of servers that behave as `behaviours` say, one after the other; the last
 * says it for all that follow. It is stopped after the test.
 *
 * @param {import("node:test").TestContext} context
 * @param {string[]} behaviours
 * @param {Partial<import("../lib/patience").Patience>} [patience]
 */
function supervise(context, behaviours, patience = SHORT) {
  let count = 0;
  const launch = () => {
    const behaviour = behaviours[Math.min(count, behaviours.length - 1)] ?? "";
    count += 1;
    const words = [SERVER, ...behaviour.split(":")];
    return { file: process.execPath, words, folder: os.tmpdir(), environment: process.env };
  };
  const supervisor = new Supervisor({ launch, dataDir: os.tmpdir(), patience, effects: HURRIED });
  const seen = watch(supervisor);
  const names = () => seen.map(({ name }) => name).filter((name) => name !== "status");
  context.after(() => supervisor.stop());
  return { supervisor, seen, names, starts: () => count };
}

/** @param {Supervisor} supervisor */
function pidOf(supervisor) {
  return Number(supervisor.server?.pid);
}

test("served, and stopped when asked", { timeout: TIMEOUT }, async (context) => {
  const { supervisor, names } = supervise(context, ["serve"], {});
  supervisor.start();
  const { url } = await next(supervisor, "ready");
  const pid = pidOf(supervisor);
  const answer = await get(url, { "X-DJDesk-Token": supervisor.token });
  assert.deepEqual(answer, { status: 200, body: String(pid) });
  await supervisor.stop();
  assert.equal(isAlive(pid), false);
  assert.deepEqual(names(), ["ready", "stopped"]);
});

/** @type {[string, RegExp, RegExp?][]} what is told, and the end of the log */
const EARLY_ENDS = [
  ["crash before the line:1", /while it was starting/, /exit code 1\b/],
  ["crash before the line:0", /while it was starting/, /exit code 0\b/],
  ["crash at once:3", /is damaged/],
  ["crash at once:0", /while it was starting/, /exit code 0\b/],
  ["crash updating", /while it was starting/, POSIX ? /signal SIGKILL/ : /exit code/],
  ["fail:4", /^Failed\.$/],
  ["fail:1", /^Failed\.$/],
];

for (const [behaviour, message, tail = /./] of EARLY_ENDS) {
  test(`${behaviour}: failed, not restarted`, { timeout: TIMEOUT }, async (context) => {
    const { supervisor, names, starts } = supervise(context, [behaviour]);
    supervisor.start();
    const failed = await next(supervisor, "failed");
    assert.match(failed.message, message);
    assert.match(failed.tail, tail);
    assert.equal(starts(), 1);
    assert.deepEqual(names(), ["failed"]);
  });
}

test("the end of what a server said is shown", { timeout: TIMEOUT }, async (context) => {
  const { supervisor } = supervise(context, ["crash updating"]);
  supervisor.start();
  assert.match((await next(supervisor, "failed")).tail, /^half done\n\[.*\]$/);
});

test("a server that says its secrets is not quoted", { timeout: TIMEOUT }, async (context) => {
  const { supervisor } = supervise(context, ["say the token"]);
  supervisor.start();
  assert.match((await next(supervisor, "failed")).tail, /^\*\*\* \*\*\*\n\[.*\]$/);
});

test("garbage on standard output is passed over", { timeout: TIMEOUT }, async (context) => {
  const { supervisor } = supervise(context, ["garbage"]);
  supervisor.start();
  const { url } = await next(supervisor, "ready");
  const { status } = await get(url, { "X-DJDesk-Token": supervisor.token });
  assert.equal(status, 200);
});

test("an impostor is killed", { timeout: TIMEOUT }, async (context) => {
  const { supervisor, names } = supervise(context, ["impostor"]);
  supervisor.start();
  const pid = pidOf(supervisor);
  assert.match((await next(supervisor, "failed")).message, /safely/);
  await ended(pid);
  assert.deepEqual(names(), ["failed"]);
});

test("a mute server is killed", { timeout: TIMEOUT }, async (context) => {
  const { supervisor } = supervise(context, ["mute"], { ...SHORT, starting: 300 });
  supervisor.start();
  const pid = pidOf(supervisor);
  assert.match((await next(supervisor, "failed")).message, /Nothing was heard/);
  await ended(pid);
});

test("one that has failed and hangs is killed", { timeout: TIMEOUT }, async (context) => {
  const { supervisor } = supervise(context, ["fail and hang"], { ...SHORT, failed: 50 });
  supervisor.start();
  const pid = pidOf(supervisor);
  assert.equal((await next(supervisor, "failed")).message, "Failed.");
  await ended(pid);
});

test("back on the same port after a crash", { timeout: TIMEOUT }, async (context) => {
  const { supervisor, names } = supervise(context, ["serve"]);
  supervisor.start();
  const before = await next(supervisor, "ready");
  const lost = next(supervisor, "lost");
  const again = next(supervisor, "ready");
  process.kill(pidOf(supervisor), "SIGKILL");
  await lost;
  assert.equal(supervisor.isReady, false);
  const after = await again;
  assert.deepEqual(after, { ...before, restarted: true });
  const answer = await get(after.url, { "X-DJDesk-Token": supervisor.token });
  assert.deepEqual(answer, { status: 200, body: String(pidOf(supervisor)) });
  assert.deepEqual(names(), ["ready", "lost", "ready"]);
});

test("four crashes are too many, and retry tries again", { timeout: TIMEOUT }, async (context) => {
  const crashing = Array.from({ length: 4 }, () => "crash when ready");
  const { supervisor, starts, names } = supervise(context, [...crashing, "serve"]);
  supervisor.start();
  await next(supervisor, "failed");
  assert.equal(starts(), 4);
  const cycle = ["ready", "lost"];
  assert.deepEqual(names(), [...cycle, ...cycle, ...cycle, ...cycle, "failed"]);
  const ready = next(supervisor, "ready");
  supervisor.retry();
  await ready;
  assert.equal(supervisor.state, "ready");
});

for (const behaviour of ["stubborn", "deaf"]) {
  test(`${behaviour}: stopped all the same`, { timeout: TIMEOUT }, async (context) => {
    const { supervisor, names } = supervise(context, [behaviour]);
    supervisor.start();
    await next(supervisor, "ready");
    const pid = pidOf(supervisor);
    await supervisor.stop();
    assert.equal(isAlive(pid), false);
    assert.deepEqual(names(), ["ready", "stopped"]);
  });
}

test("a mute server is stopped while it starts", { timeout: TIMEOUT }, async (context) => {
  const { supervisor } = supervise(context, ["mute"]);
  supervisor.start();
  const pid = pidOf(supervisor);
  await supervisor.stop();
  assert.equal(isAlive(pid), false);
});

test("stopped at the very moment of the start", { timeout: TIMEOUT }, async (context) => {
  const { supervisor, names } = supervise(context, ["serve"], {});
  supervisor.start();
  const pid = pidOf(supervisor);
  await supervisor.stop();
  assert.equal(isAlive(pid), false);
  assert.deepEqual(names().pop(), "stopped");
});

test(
  "the end of the session: the server is told by its silence",
  { timeout: TIMEOUT },
  async (context) => {
    const { supervisor } = supervise(context, ["serve"], {});
    supervisor.start();
    await next(supervisor, "ready");
    const pid = pidOf(supervisor);
    await supervisor.stop({ reason: "session-end" });
    assert.equal(isAlive(pid), false);
  },
);

const skip = POSIX ? false : "Windows keeps no groups of processes";

for (const [behaviour, how] of [
  ["family", "stop"],
  ["family, deaf", "stop"],
  ["family, crash", "crash"],
]) {
  test(`${behaviour}: nobody is left`, { timeout: TIMEOUT, skip }, async (context) => {
    const { supervisor, seen } = supervise(context, [String(behaviour), "serve"]);
    supervisor.start();
    await next(supervisor, "ready");
    const told = seen.filter(({ name, value }) => name === "status" && /^\d+$/.test(value.message));
    const grandchild = Number(told[0]?.value.message);
    assert.ok(grandchild > 0);
    if (how === "stop") {
      await supervisor.stop();
    }
    await ended(grandchild);
  });
}

test("a program that is not there", { timeout: TIMEOUT }, async () => {
  const missing = path.join(os.tmpdir(), "no such folder", "python");
  const launch = () => ({ file: missing, words: [], folder: os.tmpdir(), environment: {} });
  const supervisor = new Supervisor({ launch, dataDir: os.tmpdir() });
  supervisor.start();
  const { message } = await next(supervisor, "failed");
  assert.ok(message.includes(`${missing}: ENOENT`), message);
  await supervisor.stop();
});

test("a folder that is not there", { timeout: TIMEOUT }, async () => {
  const folder = path.join(os.tmpdir(), "no such folder");
  const launch = () => ({ file: process.execPath, words: [], folder, environment: {} });
  const supervisor = new Supervisor({ launch, dataDir: os.tmpdir() });
  supervisor.start();
  assert.match((await next(supervisor, "failed")).message, /could not be started/);
  await supervisor.stop();
});
