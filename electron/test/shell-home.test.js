"use strict";

const assert = require("node:assert/strict");
const { EventEmitter } = require("node:events");
const { test } = require("node:test");

const { standInForElectron } = require("./fixtures/electron");
const { FakeContents } = require("./fixtures/fake_contents");

/** @typedef {{ options: any, answer: (label: string) => Promise<unknown> }} Box */

/** @type {Box[]} */
const boxes = [];
/** @type {string[]} */
const questions = [];
/** @type {string[]} */
const copied = [];
standInForElectron({
  clipboard: { writeText: (/** @type {string} */ text) => copied.push(text) },
  BrowserWindow: { fromWebContents: () => null },
  dialog: {
    showMessageBox: (/** @type {unknown} */ _window, /** @type {any} */ options) =>
      new Promise((resolve) => {
        const answer = (/** @type {string} */ label) => {
          resolve({ response: options.buttons.indexOf(label) });
          return new Promise(setImmediate);
        };
        boxes.push({ options, answer });
      }),
    showMessageBoxSync: (/** @type {any} */ options) => {
      questions.push(options.message);
      return options.cancelId;
    },
  },
  nativeTheme: {},
  shell: {},
  webContents: {},
});

const { FAILURE, SPLASH } = require("../lib/shell/addresses");
const { followServer, homeOf } = require("../lib/shell/home");
const { guardNavigation } = require("../lib/shell/navigation_guards");
const { followStatus } = require("../lib/shell/status");
const { serverOf } = require("../lib/shell/token_header");
const { askBeforeLeaving } = require("../lib/shell/unsaved");

const ORIGIN = "http://127.0.0.1:8137";
const NEW = `${ORIGIN}/notes/new/`;
const FAILED = { message: "It has stopped.\nReason: x\nWhat to do: y", tail: "z", log: null };

class FakeSupervisor extends EventEmitter {
  constructor() {
    super();
    this.state = "ready";
    this.isReady = true;
    this.origin = ORIGIN;
    this.ports = new Set([8137]);
    this.held = null;
    this.token = "";
    this.retries = 0;
  }

  lose() {
    this.isReady = false;
    this.state = "waiting";
    this.emit("status", { message: "The application stopped…", phase: "starting" });
  }

  /** What is typed is kept first. */
  fail() {
    this.isReady = false;
    this.state = "failed";
    this.emit("failed", FAILED);
    return new Promise(setImmediate);
  }

  retry() {
    this.retries += 1;
    this.state = "starting";
    this.emit("status", { message: "Starting…", phase: "starting" });
  }

  recover(origin = ORIGIN) {
    this.state = "ready";
    this.isReady = true;
    this.origin = origin;
    this.ports.add(Number(new URL(origin).port));
    this.emit("ready", { url: `${origin}/`, log: null });
  }
}

/** @param {number} number @returns {Box} */
function box(number) {
  const found = boxes[number];
  assert.ok(found);
  return found;
}

/** @param {{ main?: boolean, holdsText?: boolean, support?: string }} [options] */
function setUp({ main = true, holdsText = false, support = "" } = {}) {
  boxes.length = 0;
  questions.length = 0;
  const supervisor = new FakeSupervisor();
  const contents = Object.assign(new FakeContents(`${ORIGIN}/`, NEW), { holdsText });
  /** @type {{ open: (details: { url: string }) => { action: string, outlivesOpener?: boolean } }} */
  const handlers = { open: () => ({ action: "none" }) };
  const setWindowOpenHandler = (/** @type {typeof handlers.open} */ handler) => {
    handlers.open = handler;
  };
  const page = /** @type {any} */ (Object.assign(contents, { setWindowOpenHandler }));
  const window = /** @type {any} */ (Object.assign(new EventEmitter(), { webContents: page }));
  const log = /** @type {any} */ ({ warning: () => undefined });
  const server = serverOf(/** @type {any} */ (supervisor));
  const status = followStatus(supervisor, { name: "Notes", support });
  guardNavigation(page, { server, log, webPreferences: {} });
  askBeforeLeaving(page);
  let logs = 0;
  const openLogs = () => {
    logs += 1;
  };
  followServer(window, { supervisor: /** @type {any} */ (supervisor), status, log, main, openLogs });
  const follow = (/** @type {string} */ url) => {
    let stayed = false;
    const preventDefault = () => {
      stayed = true;
    };
    contents.emit("will-frame-navigate", { url, isMainFrame: true, preventDefault });
    return !stayed;
  };
  const open = (/** @type {string} */ url) => handlers.open({ url });
  return { supervisor, contents, page, window, follow, open, logs: () => logs };
}

test("the page of the first window gives way to the failure page", async () => {
  const { supervisor, contents } = setUp();
  await supervisor.fail();
  assert.equal(contents.getURL(), FAILURE);
  assert.equal(boxes.length, 0);
});

test("a page that holds text stays, is not asked about, and a box says why", async () => {
  const { supervisor, contents } = setUp({ holdsText: true });
  await supervisor.fail();
  await new Promise(setImmediate);
  assert.equal(contents.getURL(), NEW);
  assert.deepEqual(questions, []);
  assert.equal(boxes.length, 1);
  const { title, message, detail, buttons } = box(0).options;
  assert.deepEqual([title, message], ["Notes", "It has stopped."]);
  assert.equal(detail, "Reason: x\nWhat to do: y");
  assert.deepEqual(buttons, ["Try Again", "Open Logs", "Later"]);
});

test("the box says whom to write to", async () => {
  const { supervisor } = setUp({ holdsText: true, support: "help@example.org" });
  await supervisor.fail();
  assert.match(box(0).options.detail, /\nSupport: help@example\.org$/);
});

test("a window that a page has opened keeps its page, and a box says why", async () => {
  const { supervisor, contents } = setUp({ main: false });
  await supervisor.fail();
  assert.equal(contents.getURL(), NEW);
  assert.equal(boxes.length, 1);
});

test("trying again from the box leaves the page alone", async () => {
  const { supervisor, contents } = setUp({ holdsText: true });
  await supervisor.fail();
  await box(0).answer("Try Again");
  assert.equal(supervisor.retries, 1);
  supervisor.recover();
  assert.equal(contents.getURL(), NEW);
  assert.deepEqual(contents.done, []);
  await supervisor.fail();
  assert.equal(boxes.length, 2, "and it is told again");
});

test("the logs are opened, and the box is there again", async () => {
  const { supervisor, logs } = setUp({ holdsText: true });
  await supervisor.fail();
  await box(0).answer("Open Logs");
  assert.equal(logs(), 1);
  assert.equal(boxes.length, 2);
});

test("later: nothing happens, until the page wants to go somewhere", async () => {
  const { supervisor, follow, open } = setUp({ holdsText: true });
  await supervisor.fail();
  await box(0).answer("Later");
  assert.deepEqual([supervisor.retries, boxes.length], [0, 1]);
  assert.ok(!follow(NEW));
  assert.equal(boxes.length, 2);
  assert.ok(!follow(NEW));
  assert.equal(boxes.length, 2, "one is enough");
  await box(1).answer("Later");
  assert.deepEqual(open(NEW), { action: "deny" });
  assert.equal(boxes.length, 3);
});

test("while the server starts again, pages wait and nothing is said", () => {
  const { supervisor, follow, open } = setUp();
  supervisor.lose();
  assert.ok(!follow(NEW));
  assert.equal(open(NEW).action, "allow");
  assert.equal(boxes.length, 0);
  supervisor.recover();
  assert.ok(follow(NEW));
});

test("a box goes when another window has tried again, and its answer means nothing", async () => {
  const { supervisor } = setUp({ main: false });
  await supervisor.fail();
  supervisor.retry();
  assert.ok(box(0).options.signal.aborted);
  await box(0).answer("Try Again");
  assert.equal(supervisor.retries, 1);
});

test("a box goes with its window", async () => {
  const { supervisor, window } = setUp({ main: false });
  await supervisor.fail();
  window.emit("closed");
  assert.ok(box(0).options.signal.aborted);
  assert.equal(supervisor.listenerCount("failed"), 1, "the status, nobody else");
});

test("a page that does not load after the failure leads to the failure page", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { supervisor, contents } = setUp({ main: false });
  await supervisor.fail();
  contents.emit("did-fail-load", {}, -102, "ERR_CONNECTION_REFUSED", NEW, true);
  assert.equal(contents.getURL(), FAILURE);
});

test("from the failure page, trying again leads back to the page", async () => {
  const { supervisor, contents, page } = setUp();
  await supervisor.fail();
  homeOf(page)?.retry();
  assert.equal(contents.getURL(), SPLASH);
  supervisor.recover();
  assert.equal(contents.getURL(), NEW);
});

test("a page whose server has moved is loaded again there, and its user is told", async () => {
  const { supervisor, contents, page, follow } = setUp();
  supervisor.lose();
  supervisor.recover("http://127.0.0.1:9000");
  await new Promise(setImmediate);
  const moved = NEW.replace("8137", "9000");
  assert.deepEqual(contents.done, [`load ${moved}`, "clear"]);
  assert.equal(box(0).options.message, "The application was started again.");
  assert.deepEqual(box(0).options.buttons, ["Close"]);
  await box(0).answer("Close");
  assert.ok(!follow(`${ORIGIN}/about/`), "a link to where it was");
  assert.equal(page.getURL(), "http://127.0.0.1:9000/about/");
});

test("a page that holds what cannot be taken along stays if its user wants that", async () => {
  const { supervisor, contents, follow, open } = setUp({ holdsText: true });
  supervisor.lose();
  supervisor.recover("http://127.0.0.1:9000");
  await new Promise(setImmediate);
  assert.deepEqual(questions, ["Load this page again?"]);
  assert.equal(contents.getURL(), NEW);
  assert.equal(boxes.length, 0);
  assert.ok(!follow(NEW));
  await new Promise(setImmediate);
  assert.deepEqual(open(NEW), { action: "deny" });
  await new Promise(setImmediate);
  assert.equal(questions.length, 3, "and it is asked about again");
});

test("what was typed is taken along, and what has no place any more can be copied", async () => {
  const { supervisor, contents } = setUp({ holdsText: true });
  const fields = [{ key: "text title", index: 0, value: "Typed" }];
  /** @type {string[]} */
  const calls = [];
  contents.executeJavaScriptInIsolatedWorld = (_world, [{ code }]) => {
    calls.push(code.includes("return typedText.collectText") ? "collect" : "fill in");
    return Promise.resolve(calls.length === 1 ? { fields, files: true } : ["Typed"]);
  };
  supervisor.lose();
  supervisor.recover("http://127.0.0.1:9000");
  await new Promise(setImmediate);
  assert.deepEqual(calls, ["collect", "fill in"]);
  assert.deepEqual(questions, [], "nothing is lost by leaving");
  assert.match(box(0).options.detail, /choose the files/);
  await box(0).answer("Copy the Rest");
  assert.deepEqual(copied, ["Typed"]);
});

test("what a page opens is not destroyed when that page's window is closed", () => {
  const { open } = setUp();
  assert.deepEqual([open(NEW).action, open(NEW).outlivesOpener], ["allow", true]);
  assert.equal(open("").outlivesOpener, true);
});
