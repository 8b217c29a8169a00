"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { ShellError } = require("../lib/errors");
const { PATIENCE } = require("../lib/patience");
const { PAUSES_MS, PERIOD_MS } = require("../lib/restarts");
const { proofOf } = require("../lib/start_line");
const { Supervisor } = require("../lib/supervisor");
const { fakeEffects } = require("./fixtures/fake_effects");
const { watch } = require("./fixtures/watching");

const LAUNCH = { file: "python", words: ["serve"], folder: "/app", environment: {} };
const UPDATING = { event: "progress", message: "Updating your data…", phase: "updating" };
const STARTING = { event: "progress", message: "Starting…", phase: "starting" };
const FAILED = { event: "failed", message: "No.\nReason: x\nWhat to do: y", log: "/log", code: 4 };
const [FIRST_PAUSE = 0, SECOND_PAUSE = 0, THIRD_PAUSE = 0] = PAUSES_MS;

/**
 * Return a supervisor in a world that does what the test says.
 *
 * @param {{ platform?: string, launch?: () => typeof LAUNCH }} [options]
 */
function setUp({ platform = "linux", launch = () => LAUNCH } = {}) {
  const world = fakeEffects(platform);
  const supervisor = new Supervisor({ launch, dataDir: "/data", effects: world.effects });
  const seen = watch(supervisor);
  const names = () => seen.map(({ name }) => name).filter((name) => name !== "status");
  const value = (/** @type {string} */ name) =>
    seen.filter((one) => one.name === name).pop()?.value;
  return { ...world, supervisor, names, value };
}

/** @param {Parameters<typeof setUp>[0]} [options] */
function setUpReady(options) {
  const world = setUp(options);
  world.supervisor.start();
  world.last().beReady(8137);
  assert.equal(world.supervisor.state, "ready");
  return world;
}

test("a start: the line is written, the proof checked, the origin known", () => {
  const { supervisor, last, names, value, waiting } = setUp();
  assert.equal(supervisor.isReady, false);
  supervisor.start();
  assert.deepEqual(last().startLine, {
    token: supervisor.token,
    nonce: supervisor.nonce,
    data_dir: "/data",
  });
  assert.equal(supervisor.isReady, false);
  assert.equal(supervisor.origin, null);
  last().beReady(8137);
  assert.equal(supervisor.isReady, true);
  assert.equal(supervisor.origin, "http://127.0.0.1:8137");
  assert.deepEqual(names(), ["ready"]);
  const url = "http://127.0.0.1:8137/";
  assert.deepEqual(value("ready"), { url, dataDir: "/data", log: "/log", restarted: false });
  assert.equal(waiting(), 0);
});

test("no secret is an argument", () => {
  const { supervisor, last } = setUpReady();
  const words = JSON.stringify(/** @type {any} */ (last()).words);
  assert.ok(!words.includes(supervisor.token));
});

test("a second start does nothing", () => {
  const { supervisor, processes } = setUpReady();
  supervisor.start();
  supervisor.retry();
  assert.equal(processes.length, 1);
});

test("progress is passed on", () => {
  const { supervisor, last, value } = setUp();
  supervisor.start();
  assert.deepEqual(value("status"), { message: "Starting…", phase: "starting" });
  last().say(UPDATING);
  const { message, phase } = UPDATING;
  assert.deepEqual(value("status"), { message, phase, detail: "", fraction: null });
  last().say({ ...UPDATING, detail: "Copying: 1 of 4", done: 1, total: 4 });
  assert.deepEqual(value("status"), { message, phase, detail: "Copying: 1 of 4", fraction: 0.25 });
});

/** @type {[string, Record<string, unknown>][]} */
const WRONG = [
  ["no proof", { proof: undefined }],
  ["a wrong proof", { proof: "0".repeat(64) }],
  ["a proof about another address", { url: "http://127.0.0.1:8138/" }],
  ["another host", { url: "http://example.com:8137/" }],
  ["no address", { url: null }],
  ["another port", { port: 8138 }],
];

for (const [what, change] of WRONG) {
  test(`ready with ${what}: killed and failed, not restarted`, () => {
    const { supervisor, last, names, value, signals, waiting } = setUp();
    supervisor.start();
    last().beReady(8137, change);
    assert.equal(supervisor.isReady, false);
    assert.deepEqual(signals, [["kill", last().pid]]);
    last().beReady(8137);
    last().exit(null, "SIGKILL");
    assert.deepEqual(names(), ["failed"]);
    assert.match(value("failed").message, /could not be started safely/);
    assert.equal(supervisor.state, "failed");
    assert.equal(waiting(), 0);
  });
}

test("an end before ready is told at once, with the end of what was said", () => {
  const { supervisor, last, names, value, waiting } = setUp();
  supervisor.start();
  last().stderr.emit("data", Buffer.from(`Traceback\n${supervisor.token}\nBoom\n`));
  last().exit(1);
  assert.deepEqual(names(), ["failed"]);
  assert.match(value("failed").message, /while it was starting/);
  assert.equal(value("failed").tail, "Traceback\n***\nBoom\n[The server ended with exit code 1.]");
  assert.equal(value("failed").log, null);
  assert.equal(waiting(), 0);
});

test("the server's own words on its failure are shown", () => {
  const { supervisor, last, value } = setUp();
  supervisor.start();
  last().say(FAILED);
  last().exit(4);
  assert.equal(value("failed").message, FAILED.message);
  assert.equal(value("failed").log, "/log");
});

test("a server that has failed and does not end is ended", () => {
  const { supervisor, last, names, signals, pass } = setUp();
  supervisor.start();
  last().say(FAILED);
  pass(PATIENCE.failed);
  assert.deepEqual(signals, [["kill", last().pid]]);
  last().exit(null, "SIGKILL");
  assert.deepEqual(names(), ["failed"]);
});

test("after failed there is no ready", () => {
  const { supervisor, last, names } = setUp();
  supervisor.start();
  last().say(FAILED);
  last().beReady(8137);
  assert.deepEqual(names(), []);
  assert.equal(supervisor.isReady, false);
});

test("last words that come after the exit are heard", () => {
  const { supervisor, last, value, names } = setUp();
  supervisor.start();
  last().emit("exit", 4, null);
  assert.deepEqual(names(), []);
  last().say(FAILED);
  last().emit("close", 4, null);
  assert.equal(value("failed").message, FAILED.message);
});

test("pipes that somebody else holds open do not hold up the end", () => {
  const { supervisor, last, names, pass } = setUp();
  supervisor.start();
  last().emit("exit", 1, null);
  pass(500);
  assert.deepEqual(names(), ["failed"]);
  last().emit("close", 1, null);
  assert.deepEqual(names(), ["failed"]);
});

for (const file of ["throws", "missing"]) {
  test(`a program that cannot be started: ${file}`, async () => {
    const { supervisor, processes, names, value, waiting } = setUp({
      launch: () => ({ ...LAUNCH, file }),
    });
    supervisor.start();
    processes[0]?.emit("error", Object.assign(new Error("spawn"), { code: "ENOENT" }));
    await new Promise(setImmediate);
    assert.deepEqual(names(), ["failed"]);
    assert.match(value("failed").message, /could not be started\.\nReason: (throws|missing): E/);
    assert.equal(waiting(), 0);
    await supervisor.stop();
    assert.equal(supervisor.state, "stopped");
  });
}

test("a bundle that cannot be used is told, and can be repaired", () => {
  let damaged = true;
  const launch = () => {
    if (damaged) {
      throw new ShellError("It is damaged.", { why: "x", next: "y" });
    }
    return LAUNCH;
  };
  const { supervisor, last, names, value, processes } = setUp({ launch });
  supervisor.start();
  assert.deepEqual(names(), ["failed"]);
  assert.equal(value("failed").message, "It is damaged.\nReason: x\nWhat to do: y");
  assert.equal(processes.length, 0);
  damaged = false;
  supervisor.retry();
  last().beReady(8137);
  assert.deepEqual(names(), ["failed", "ready"]);
});

test("silence: a server that says nothing is ended", () => {
  const { supervisor, last, names, value, signals, pass } = setUp();
  supervisor.start();
  pass(PATIENCE.starting - 1);
  assert.deepEqual(signals, []);
  pass(1);
  assert.deepEqual(signals, [["kill", last().pid]]);
  last().exit(null, "SIGKILL");
  assert.deepEqual(names(), ["failed"]);
  assert.match(value("failed").message, /Nothing was heard .* 60 seconds/);
});

test("silence: every word gives it more time, an update much more", () => {
  const { supervisor, last, signals, pass } = setUp();
  supervisor.start();
  for (let number = 0; number < 10; number += 1) {
    pass(PATIENCE.starting - 1);
    last().say(STARTING);
  }
  last().say(UPDATING);
  pass(PATIENCE.updating - 1);
  last().say(STARTING);
  pass(PATIENCE.starting - 1);
  assert.deepEqual(signals, []);
  pass(1);
  assert.equal(signals.length, 1);
});

test("silence: garbage is no word", () => {
  const { supervisor, last, signals, pass } = setUp();
  supervisor.start();
  pass(PATIENCE.starting - 1);
  last().stdout.emit("data", Buffer.from("hello\n"));
  last().stderr.emit("data", Buffer.from("hello\n"));
  pass(1);
  assert.equal(signals.length, 1);
});

test("a server that cannot even be killed is given up", () => {
  const { supervisor, names, pass } = setUp();
  supervisor.start();
  pass(PATIENCE.starting);
  pass(5000);
  assert.deepEqual(names(), ["failed"]);
});

test("a crash: lost at once, restarted on the same port with a new token and a new nonce", () => {
  const { supervisor, processes, last, names, value, pass, signals } = setUpReady();
  const first = last();
  first.stdout.emit("end");
  assert.equal(supervisor.isReady, false);
  assert.deepEqual(names(), ["ready", "lost"]);
  first.exit(null, "SIGKILL");
  assert.deepEqual(names(), ["ready", "lost"]);
  assert.deepEqual(signals, [["sweep", first.pid]]);
  assert.match(value("status").message, /being started again/);
  pass(FIRST_PAUSE - 1);
  assert.equal(processes.length, 1);
  pass(1);
  const second = last();
  assert.notEqual(second, first);
  assert.equal(second.startLine.port, 8137);
  assert.notEqual(second.startLine.token, first.startLine.token);
  assert.notEqual(second.startLine.nonce, first.startLine.nonce);
  second.beReady(8137);
  assert.deepEqual(names(), ["ready", "lost", "ready"]);
  assert.equal(value("ready").restarted, true);
  assert.equal(supervisor.isReady, true);
});

test("a port that is held is given to each server, and let go at the end", () => {
  const world = setUp({ launch: () => ({ ...LAUNCH, adopts: true }) });
  const { supervisor, last, pass } = world;
  let closed = 0;
  const held = { port: 8137, descriptor: 21, close: () => (closed += 1) };
  supervisor.effects = { ...supervisor.effects, holdPort: () => held };
  supervisor.start();
  const [first, given] = [last().startLine, last()];
  assert.equal(first.socket, 3);
  assert.deepEqual(Reflect.get(given, "options").stdio, ["pipe", "pipe", "pipe", 21]);
  last().beReady(8137);
  last().exit(null, "SIGKILL");
  pass(FIRST_PAUSE);
  assert.equal(last().startLine.socket, 3);
  assert.equal(last().startLine.token, first.token, "nobody else can have got a request");
  last().beReady(8137);
  supervisor.stop();
  assert.equal(closed, 0);
  last().exit(0);
  assert.equal(closed, 1);
});

test("a held port that the server does not listen on is let go", () => {
  const { supervisor, last, pass } = setUp({ launch: () => ({ ...LAUNCH, adopts: true }) });
  let closed = 0;
  const held = { port: 8137, descriptor: 21, close: () => (closed += 1) };
  supervisor.effects = { ...supervisor.effects, holdPort: () => held };
  supervisor.start();
  const { token } = last().startLine;
  last().beReady(9000);
  assert.equal(closed, 1);
  assert.equal(supervisor.held, null);
  last().exit(1);
  pass(FIRST_PAUSE);
  assert.notEqual(last().startLine.token, token);
});

test("a server that cannot be given a socket is given none", () => {
  const { supervisor, last } = setUp();
  supervisor.effects = { ...supervisor.effects, holdPort: () => assert.fail("not asked for") };
  supervisor.start();
  assert.equal(last().startLine.socket, undefined);
});

test("a crash: the proof of the first start is not taken for the second", () => {
  const { supervisor, last, names, pass } = setUpReady();
  const { startLine } = last();
  last().exit(1);
  pass(FIRST_PAUSE);
  last().beReady(8137, { proof: proofOf(startLine, "http://127.0.0.1:8137/") });
  assert.equal(supervisor.isReady, false);
  last().exit(null, "SIGKILL");
  assert.deepEqual(names(), ["ready", "lost", "failed"]);
});

test("another port after a crash: the origin changes with it", () => {
  const { supervisor, last, value, pass } = setUpReady();
  last().exit(1);
  pass(FIRST_PAUSE);
  last().beReady(9000);
  assert.equal(supervisor.origin, "http://127.0.0.1:9000");
  assert.equal(value("ready").url, "http://127.0.0.1:9000/");
});

test("the fourth crash within five minutes is one too many", () => {
  const { supervisor, last, processes, names, value, pass } = setUpReady();
  for (const pause of [FIRST_PAUSE, SECOND_PAUSE, THIRD_PAUSE]) {
    last().exit(null, "SIGSEGV");
    pass(pause - 1);
    assert.equal(supervisor.state, "waiting");
    pass(1);
    last().beReady(8137);
  }
  last().stderr.emit("data", Buffer.from("Fatal Python error\n"));
  last().exit(null, "SIGSEGV");
  pass(PERIOD_MS);
  assert.equal(processes.length, 4);
  assert.equal(names().pop(), "failed");
  assert.match(value("failed").message, /4 times in a short while/);
  assert.equal(value("failed").tail, "Fatal Python error\n[The server ended with signal SIGSEGV.]");
  assert.equal(value("failed").log, "/log");
});

test("crashes far apart are met with a restart each", () => {
  const { supervisor, last, pass } = setUpReady();
  for (let number = 0; number < 20; number += 1) {
    last().exit(1);
    pass(FIRST_PAUSE);
    last().beReady(8137);
    pass(PERIOD_MS);
  }
  assert.equal(supervisor.state, "ready");
});

test("a restart that ends before it is ready counts as a crash", () => {
  const { supervisor, last, processes, names, pass } = setUpReady();
  last().exit(1);
  for (const pause of [FIRST_PAUSE, SECOND_PAUSE, THIRD_PAUSE]) {
    pass(pause);
    last().exit(1);
  }
  assert.equal(processes.length, 4);
  assert.deepEqual(names(), ["ready", "lost", "failed"]);
  assert.equal(supervisor.state, "failed");
});

for (const code of [2, 3, 4, 5, 7, 8, 9]) {
  test(`a restart that fails with exit code ${code} is not tried again`, () => {
    const { last, processes, names, value, pass } = setUpReady();
    last().exit(1);
    pass(FIRST_PAUSE);
    last().say({ ...FAILED, code });
    last().exit(code);
    pass(PERIOD_MS);
    assert.equal(processes.length, 2);
    assert.equal(names().pop(), "failed");
    assert.equal(value("failed").message, FAILED.message);
  });
}

test("retry starts anew: the crashes of before are forgotten, the port is not", () => {
  const { supervisor, last, names, pass } = setUpReady();
  last().exit(4);
  assert.equal(names().pop(), "failed");
  supervisor.retry();
  assert.equal(last().startLine.port, 8137);
  last().beReady(8137);
  for (const pause of [FIRST_PAUSE, SECOND_PAUSE, THIRD_PAUSE]) {
    last().exit(1);
    pass(pause);
    assert.equal(supervisor.state, "starting");
    last().beReady(8137);
  }
});

test("after a retry an end before ready is told at once again", () => {
  const { supervisor, last, names, pass, processes } = setUpReady();
  last().exit(4);
  supervisor.retry();
  last().exit(1);
  pass(PERIOD_MS);
  assert.equal(processes.length, 2);
  assert.deepEqual(names(), ["ready", "lost", "failed", "failed"]);
});

test("stop: asked, and that is all if it ends", async () => {
  const { supervisor, last, names, signals, waiting } = setUpReady();
  const stopped = supervisor.stop();
  assert.equal(supervisor.isReady, false);
  assert.deepEqual(last().heard.slice(1), ['{"command":"stop"}\n']);
  last().exit(0);
  await stopped;
  assert.deepEqual(names(), ["ready", "stopped"]);
  assert.deepEqual(signals, [["sweep", last().pid]]);
  assert.equal(waiting(), 0);
});

test("stop: asked, terminated, killed, given up", async () => {
  const { supervisor, last, names, signals, pass } = setUpReady();
  const { pid } = last();
  const stopped = supervisor.stop();
  pass(PATIENCE.quit - 1);
  assert.deepEqual(signals, []);
  pass(1);
  assert.deepEqual(signals, [["ask", pid]]);
  pass(PATIENCE.terminated - 1);
  assert.equal(signals.length, 1);
  pass(1);
  assert.deepEqual(signals, [
    ["ask", pid],
    ["kill", pid],
  ]);
  pass(5000);
  await stopped;
  assert.deepEqual(names(), ["ready", "stopped"]);
});

test("stop: Windows has nothing between asking and killing", async () => {
  const { supervisor, last, signals, pass } = setUpReady({ platform: "win32" });
  const stopped = supervisor.stop();
  pass(PATIENCE.quit);
  assert.deepEqual(signals.pop(), ["kill", last().pid]);
  last().exit(1);
  await stopped;
});

test("stop: an update under way gets its time", async () => {
  const { supervisor, last, signals, pass } = setUp();
  supervisor.start();
  last().say(UPDATING);
  const stopped = supervisor.stop();
  pass(PATIENCE.quitUpdating - 1);
  assert.deepEqual(signals, []);
  pass(1);
  assert.deepEqual(signals, [["ask", last().pid]]);
  last().exit(0);
  await stopped;
});

test("stop: an update that begins just then, too", async () => {
  const { supervisor, last, signals, pass } = setUp();
  supervisor.start();
  const stopped = supervisor.stop();
  pass(PATIENCE.quit - 1);
  last().say(UPDATING);
  pass(PATIENCE.quitUpdating - 1);
  assert.deepEqual(signals, []);
  pass(1);
  assert.equal(signals.length, 1);
  last().exit(0);
  await stopped;
});

test("stop: an update that progresses is not cut off, however long it takes", async () => {
  const { supervisor, last, signals, pass } = setUp();
  supervisor.start();
  last().say(UPDATING);
  const stopped = supervisor.stop();
  for (let done = 0; done < 10; done += 1) {
    pass(PATIENCE.quitUpdating - 1);
    last().say({ ...UPDATING, done, total: 10 });
  }
  assert.deepEqual(signals, []);
  pass(PATIENCE.quitUpdating);
  assert.equal(signals.length, 1);
  last().exit(0);
  await stopped;
});

test("stop: the time of an update ends with it", async () => {
  const { supervisor, last, signals, pass } = setUp();
  supervisor.start();
  last().say(UPDATING);
  const stopped = supervisor.stop();
  pass(PATIENCE.quit);
  last().say(STARTING);
  pass(PATIENCE.quit);
  assert.equal(signals.length, 1);
  last().exit(0);
  await stopped;
});

test("stop: the end of the session waits for nobody", async () => {
  const { supervisor, last, signals, pass } = setUp();
  supervisor.start();
  last().say(UPDATING);
  const stopped = supervisor.stop({ reason: "session-end" });
  assert.equal(last().hungUp, true);
  pass(PATIENCE.sessionEnd);
  assert.deepEqual(signals, [["ask", last().pid]]);
  pass(PATIENCE.terminated);
  assert.equal(signals.length, 2);
  last().exit(null, "SIGKILL");
  await stopped;
});

test("stop: the session ends while the server is being stopped", async () => {
  const { supervisor, last } = setUpReady();
  const stopped = supervisor.stop();
  assert.equal(last().hungUp, false);
  assert.equal(supervisor.stop({ reason: "session-end" }), stopped);
  assert.equal(last().hungUp, true);
  last().exit(0);
  await stopped;
});

test("stop: a ready that crosses it changes nothing", async () => {
  const { supervisor, last, names, pass } = setUp();
  supervisor.start();
  const stopped = supervisor.stop();
  last().beReady(8137);
  assert.equal(supervisor.isReady, false);
  last().exit(0);
  await stopped;
  pass(PERIOD_MS);
  assert.deepEqual(names(), ["stopped"]);
});

test("stop: a crash that crosses it is no crash", async () => {
  const { supervisor, last, processes, names, pass } = setUpReady();
  const stopped = supervisor.stop();
  last().exit(null, "SIGSEGV");
  await stopped;
  pass(PERIOD_MS);
  assert.equal(processes.length, 1);
  assert.deepEqual(names(), ["ready", "stopped"]);
});

test("stop: between lost and the end", async () => {
  const { supervisor, last, processes, names, pass } = setUpReady();
  last().emit("exit", null, "SIGKILL");
  const stopped = supervisor.stop();
  last().emit("close");
  await stopped;
  pass(PERIOD_MS);
  assert.equal(processes.length, 1);
  assert.deepEqual(names(), ["ready", "lost", "stopped"]);
});

test("stop: before the start, while it waits, after failure, twice", async () => {
  const before = setUp();
  await before.supervisor.stop();
  before.supervisor.start();
  assert.equal(before.processes.length, 0);

  const waiting = setUpReady();
  waiting.last().exit(1);
  await waiting.supervisor.stop();
  waiting.pass(PERIOD_MS);
  assert.equal(waiting.processes.length, 1);

  const failed = setUp();
  failed.supervisor.start();
  failed.last().exit(1);
  await failed.supervisor.stop();
  await failed.supervisor.stop();
  failed.supervisor.retry();
  assert.equal(failed.processes.length, 1);
  assert.deepEqual(failed.names(), ["failed", "stopped"]);
});

test("stop: from a listener of the first status there is nothing to stop", async () => {
  const { supervisor, processes, names } = setUp();
  supervisor.once("status", () => supervisor.stop());
  supervisor.start();
  await supervisor.stop();
  assert.equal(processes.length, 0);
  assert.deepEqual(names(), ["stopped"]);
});

test("stop: from a listener of the status after a crash there is no restart", async () => {
  const { supervisor, last, processes, pass, waiting } = setUpReady();
  supervisor.once("status", () => supervisor.stop());
  last().exit(1);
  assert.equal(waiting(), 0);
  pass(PERIOD_MS);
  await supervisor.stop();
  assert.equal(processes.length, 1);
});

test("killNow: at once, and not followed by a restart", () => {
  const { supervisor, last, signals, names, processes, pass } = setUpReady();
  supervisor.killNow();
  assert.equal(supervisor.isReady, false);
  assert.deepEqual(signals, [["kill", last().pid]]);
  assert.deepEqual(names(), ["ready"]);
  last().exit(null, "SIGKILL");
  pass(PERIOD_MS);
  assert.equal(processes.length, 1);
  assert.deepEqual(names(), ["ready", "stopped"]);
});

test("killNow: while nothing runs there will be nothing", () => {
  const { supervisor, last, processes, pass } = setUpReady();
  last().exit(1);
  supervisor.killNow();
  pass(PERIOD_MS);
  assert.equal(processes.length, 1);
});

test("killNow: a server that has ended is left alone: its number may be another's", () => {
  const { supervisor, last, signals } = setUpReady();
  last().emit("exit", 1, null);
  supervisor.killNow();
  assert.deepEqual(signals, [["sweep", last().pid]]);
});

test("never two servers: whatever is called, a process is started after the end of the last", () => {
  const { supervisor, last, processes, pass } = setUpReady();
  last().emit("exit", 1, null);
  supervisor.start();
  supervisor.retry();
  assert.equal(processes.length, 1);
  last().emit("close");
  supervisor.retry();
  supervisor.start();
  assert.equal(processes.length, 1);
  pass(FIRST_PAUSE);
  assert.equal(processes.length, 2);
});

test("the server dies between two writes: the broken pipe is nobody's trouble", () => {
  const { last } = setUpReady();
  const error = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
  last().stdin.emit("error", error);
  last().stdout.emit("error", error);
  last().stderr.emit("error", error);
  last().emit("error", error);
});
