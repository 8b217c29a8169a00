"use strict";

const assert = require("node:assert/strict");
const { EventEmitter } = require("node:events");
const path = require("node:path");
const { test } = require("node:test");

const { standInForElectron } = require("./fixtures/electron");

/** @type {string[]} */
const done = [];
const app = Object.assign(new EventEmitter(), {
  quit: () => done.push("quit"),
  exit: () => done.push("exit"),
  relaunch: () => done.push("relaunch"),
  whenReady: () => ({ then: (/** @type {() => void} */ work) => work() }),
});

/** It asks Linux to wait as Electron's own does, power-monitor.ts. */
class PowerMonitor extends EventEmitter {
  constructor() {
    super();
    this.isDelaying = false;
    this.begin();
  }

  begin() {
    this.removeAllListeners();
    this.once("newListener", () => {
      this.isDelaying = this.listenerCount("shutdown") > 0;
      this.on("newListener", (name) => {
        this.isDelaying = this.isDelaying || name === "shutdown";
      });
    });
  }
}
const powerMonitor = new PowerMonitor();
standInForElectron({ app, powerMonitor });

const { PATIENCE } = require("../lib/patience");
const { shutdownOn } = require("../lib/policy/shutdown");
const { handleQuit } = require("../lib/shell/quit");

const LOGIND_MS = 5000;
const ORIGINAL = { platform: process.platform, env: process.env };

/**
 * @param {import("node:test").TestContext} context
 * @param {{ platform?: string, phase?: string, environment?: NodeJS.ProcessEnv }} [options]
 */
function setUp(context, { platform = "linux", phase = "running", environment = {} } = {}) {
  done.length = 0;
  app.removeAllListeners();
  powerMonitor.begin();
  Object.defineProperty(process, "platform", { value: platform });
  process.env = environment;
  context.after(() => {
    Object.defineProperty(process, "platform", { value: ORIGINAL.platform });
    process.env = ORIGINAL.env;
  });
  let stopped = (/** @type {undefined} */ _value) => {};
  const whenStopped = new Promise((resolve) => {
    stopped = resolve;
  });
  const supervisor = {
    stop: (/** @type {{ reason: string }} */ { reason }) => {
      done.push(`stop, ${reason}`);
      return whenStopped;
    },
  };
  const status = {
    current: () => ({ phase }),
    set: (/** @type {{ message: string }} */ { message }) => done.push(message),
  };
  const options = /** @type {any} */ ({ supervisor, status, log: {} });
  const ending = handleQuit(options);
  /** @param {EventEmitter} emitter @param {string} name */
  const emit = (emitter, name) => {
    let prevented = false;
    const preventDefault = () => {
      prevented = true;
    };
    emitter.emit(name, { preventDefault });
    return prevented;
  };
  const end = () => {
    stopped(undefined);
    return new Promise(setImmediate);
  };
  return { ending, emit, end };
}

test("a quit stops the server, then the process", async (context) => {
  const { ending, emit, end } = setUp(context);
  assert.ok(!emit(app, "before-quit"));
  assert.ok(!ending.hasBegun());
  assert.ok(emit(app, "will-quit"));
  assert.ok(ending.hasBegun());
  assert.ok(emit(app, "before-quit"), "it takes its time");
  await end();
  assert.deepEqual(done, ["stop, quit", "exit"]);
});

test("a quit waits for an update", async (context) => {
  const { emit, end } = setUp(context, { phase: "updating" });
  assert.ok(emit(app, "before-quit"));
  await end();
  assert.deepEqual(done, ["Finishing the update, then closing…", "stop, quit", "exit"]);
});

/** @type {[string, string, boolean, string][]} platform, phase, delayed, how the server is stopped */
const SHUTDOWNS = [
  ["linux", "running", true, "session-end"],
  ["linux", "updating", true, "session-end"],
  ["darwin", "running", false, "quit"],
];

for (const [platform, phase, delayed, reason] of SHUTDOWNS) {
  test(`${platform}, ${phase}: the computer is shut down`, async (context) => {
    const { emit, end } = setUp(context, { platform, phase });
    assert.equal(emit(powerMonitor, "shutdown"), delayed);
    assert.deepEqual(done, ["quit"]);
    assert.ok(!emit(app, "before-quit"));
    emit(app, "will-quit");
    await end();
    assert.deepEqual(done, ["quit", `stop, ${reason}`, "exit"]);
  });
}

test("Electron is made to ask Linux to wait", (context) => {
  setUp(context);
  assert.ok(powerMonitor.isDelaying);
});

test("a shutdown hurries a quit, and nothing is started again", async (context) => {
  const { ending, emit, end } = setUp(context);
  emit(app, "will-quit");
  ending.startAgain();
  assert.ok(emit(powerMonitor, "shutdown"));
  await end();
  assert.deepEqual(done, ["stop, quit", "stop, session-end", "exit"]);
});

test("a server is gone before Linux stops waiting", () => {
  assert.ok(PATIENCE.sessionEnd + PATIENCE.terminated < LOGIND_MS);
  assert.deepEqual(shutdownOn("linux"), { delay: true, reason: "session-end" });
});

test("a start that came too late follows", async (context) => {
  const { ending, emit, end } = setUp(context);
  emit(app, "will-quit");
  ending.startAgain();
  await end();
  assert.deepEqual(done, ["stop, quit", "relaunch", "exit"]);
});

const SKIP = { skip: process.platform === "win32" ? "there are no AppImages" : false };

test("an AppImage is not started again by what is inside it", SKIP, async (context) => {
  const environment = { APPIMAGE: "/bin/true", APPDIR: path.dirname(process.execPath) };
  const { ending, emit, end } = setUp(context, { environment });
  emit(app, "will-quit");
  ending.startAgain();
  await end();
  assert.deepEqual(done, ["stop, quit", "exit"]);
});
