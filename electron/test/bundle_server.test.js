"use strict";

/** The supervisor with the server of a real bundle. */

const assert = require("node:assert/strict");
const childProcess = require("node:child_process");
const events = require("node:events");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");

const { Log } = require("../lib/log");
const { placesIn } = require("../lib/places");
const { PAUSES_MS } = require("../lib/restarts");
const { Supervisor } = require("../lib/supervisor");
const { bundleFolder, launchOf } = require("./fixtures/bundle");
const { afterwards } = require("./fixtures/cleaning");
const { makeFolder } = require("./fixtures/folders");
const { ended, get, isAlive } = require("./fixtures/processes");
const { next, watch } = require("./fixtures/watching");

const BUNDLE = bundleFolder();
const LIMIT = { timeout: 120000 };
const POSIX = process.platform !== "win32";
const POSIX_ONLY = { ...LIMIT, skip: POSIX ? false : "there are no such signals on Windows" };

/** The pauses before restarts are not what is tested here. */
const HURRIED = Object.freeze({
  setTimeout: (/** @type {() => void} */ work, /** @type {number} */ pause) =>
    setTimeout(work, PAUSES_MS.slice(1).includes(pause) ? 1 : pause),
});

/**
 * Return a supervisor with a data folder of its own. It is stopped after the test.
 *
 * @param {import("node:test").TestContext} context
 * @param {{ launch?: () => import("../lib/server_process").Launch, dataDir?: string,
 *   patience?: Partial<import("../lib/patience").Patience> }} [options]
 */
function supervise(context, options = {}) {
  const dataDir = options.dataDir ?? path.join(makeFolder(context), "data");
  const { launch = () => launchOf(BUNDLE), patience = {} } = options;
  const log = new Log(placesIn(dataDir).shellLog);
  const supervisor = new Supervisor({ launch, dataDir, patience, effects: HURRIED, log });
  afterwards(context, () => supervisor.stop());
  const seen = watch(supervisor);
  const names = () => seen.map(({ name }) => name).filter((name) => name !== "status");
  return { supervisor, dataDir, names, seen };
}

/** @param {Supervisor} supervisor */
function pidOf(supervisor) {
  return Number(supervisor.server?.pid);
}

/** @param {Supervisor} supervisor */
async function statusOf(supervisor) {
  const headers = { "X-DJDesk-Token": supervisor.token };
  return (await get(`${supervisor.origin}/`, headers)).status;
}

test("served to whoever has the token, and stopped when asked", LIMIT, async (context) => {
  const { supervisor, dataDir, names } = supervise(context);
  supervisor.start();
  const ready = await next(supervisor, "ready");
  const pid = pidOf(supervisor);
  assert.equal(ready.dataDir, dataDir);
  assert.equal(ready.url, `${supervisor.origin}/`);
  assert.ok(ready.log.startsWith(dataDir), ready.log);
  assert.equal(await statusOf(supervisor), 200);
  assert.equal((await get(ready.url, {})).status, 403);
  assert.equal((await get(ready.url, { "X-DJDesk-Token": "x".repeat(43) })).status, 403);
  await supervisor.stop();
  assert.equal(isAlive(pid), false);
  assert.deepEqual(names(), ["ready", "stopped"]);
  await assert.rejects(get(ready.url, {}), { code: "ECONNREFUSED" });
});

test("no secret is seen from outside, or in what is kept", POSIX_ONLY, async (context) => {
  const { supervisor, dataDir } = supervise(context);
  supervisor.start();
  await next(supervisor, "ready");
  assert.equal(await statusOf(supervisor), 200);
  const secrets = [supervisor.token, supervisor.nonce];
  const words = ["-E", "-ww", "-o", "command", "-p", String(pidOf(supervisor))];
  const linuxWords = ["eww", "-o", "command", "-p", String(pidOf(supervisor))];
  const list = process.platform === "linux" ? linuxWords : words;
  const { stdout } = childProcess.spawnSync("ps", list, { encoding: "utf8" });
  assert.match(stdout, /run_django\.py serve --shell/);
  await supervisor.stop();
  const files = filesBelow(dataDir);
  assert.ok(files.some((file) => file.endsWith("shell.log")));
  for (const secret of secrets) {
    assert.ok(!stdout.includes(secret));
    for (const file of files) {
      assert.ok(!fs.readFileSync(file).includes(secret), file);
    }
  }
});

/**
 * @param {string} folder
 * @returns {string[]}
 */
function filesBelow(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const found = path.join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(found) : [found];
  });
}

test("the port of last time", LIMIT, async (context) => {
  const first = supervise(context);
  first.supervisor.start();
  const { url } = await next(first.supervisor, "ready");
  await first.supervisor.stop();
  const second = supervise(context, { dataDir: first.dataDir });
  second.supervisor.start();
  assert.equal((await next(second.supervisor, "ready")).url, url);
  assert.notEqual(second.supervisor.token, first.supervisor.token);
});

test("killed: back on the same port, with another token", LIMIT, async (context) => {
  const { supervisor, names } = supervise(context);
  supervisor.start();
  const before = await next(supervisor, "ready");
  const { token } = supervisor;
  const pid = pidOf(supervisor);
  const lost = next(supervisor, "lost");
  const again = next(supervisor, "ready");
  process.kill(pid, "SIGKILL");
  await lost;
  assert.equal(supervisor.isReady, false);
  assert.deepEqual(await again, { ...before, restarted: true });
  assert.notEqual(supervisor.token, token);
  assert.notEqual(pidOf(supervisor), pid);
  assert.equal(await statusOf(supervisor), 200);
  assert.deepEqual(names(), ["ready", "lost", "ready"]);
});

test("killed four times: failed, until somebody tries again", LIMIT, async (context) => {
  const { supervisor, names } = supervise(context);
  supervisor.start();
  for (let crash = 1; crash <= 4; crash += 1) {
    await next(supervisor, "ready");
    const then = next(supervisor, crash < 4 ? "lost" : "failed");
    process.kill(pidOf(supervisor), "SIGKILL");
    const value = await then;
    if (crash === 4) {
      assert.match(value.message, /4 times in a short while/);
      assert.ok(fs.existsSync(value.log));
    }
  }
  assert.equal(names().pop(), "failed");
  const ready = next(supervisor, "ready");
  supervisor.retry();
  await ready;
  assert.equal(await statusOf(supervisor), 200);
});

test("stopped at once", LIMIT, async (context) => {
  const { supervisor, names } = supervise(context);
  supervisor.start();
  const pid = pidOf(supervisor);
  await supervisor.stop();
  assert.equal(isAlive(pid), false);
  assert.deepEqual(names(), ["stopped"]);
});

test("stopped while the database is made, and started again", LIMIT, async (context) => {
  const { supervisor, dataDir } = supervise(context);
  const updating = new Promise((resolve) => {
    supervisor.on("status", ({ phase }) => phase === "updating" && resolve(phase));
  });
  supervisor.start();
  await updating;
  const pid = pidOf(supervisor);
  await supervisor.stop();
  assert.equal(isAlive(pid), false);
  const second = supervise(context, { dataDir });
  second.supervisor.start();
  await next(second.supervisor, "ready");
  assert.equal(await statusOf(second.supervisor), 200);
});

test("stopped while it is stuck", POSIX_ONLY, async (context) => {
  const { supervisor } = supervise(context, { patience: { quit: 300, terminated: 300 } });
  supervisor.start();
  await next(supervisor, "ready");
  const pid = pidOf(supervisor);
  process.kill(pid, "SIGSTOP");
  await supervisor.stop();
  assert.equal(isAlive(pid), false);
});

test("the end of the session", LIMIT, async (context) => {
  const { supervisor } = supervise(context);
  supervisor.start();
  await next(supervisor, "ready");
  const pid = pidOf(supervisor);
  await supervisor.stop({ reason: "session-end" });
  assert.equal(isAlive(pid), false);
});

test("a second server for the same data is refused", LIMIT, async (context) => {
  const first = supervise(context);
  first.supervisor.start();
  await next(first.supervisor, "ready");
  const second = supervise(context, { dataDir: first.dataDir });
  second.supervisor.start();
  const { message } = await next(second.supervisor, "failed");
  assert.ok(message.includes(String(pidOf(first.supervisor))), message);
  assert.match(message, /\nReason: .+\nWhat to do: /);
  assert.equal(await statusOf(first.supervisor), 200);
});

test("a data folder that cannot be made", LIMIT, async (context) => {
  const file = path.join(makeFolder(context), "file");
  fs.writeFileSync(file, "");
  const { supervisor } = supervise(context, { dataDir: path.join(file, "data") });
  supervisor.start();
  assert.match((await next(supervisor, "failed")).message, /\nReason: .+\nWhat to do: /);
});

/**
 * Make a bundle like the real one, of which `missing` is missing.
 *
 * @param {import("node:test").TestContext} context
 * @param {string} missing
 */
function damagedBundle(context, missing) {
  const folder = path.join(makeFolder(context), "django-bundle");
  fs.mkdirSync(folder);
  for (const entry of fs.readdirSync(BUNDLE, { withFileTypes: true })) {
    const [from, to] = [path.join(BUNDLE, entry.name), path.join(folder, entry.name)];
    if (entry.name !== missing && entry.isDirectory()) {
      fs.symlinkSync(from, to, "junction");
    } else if (entry.name !== missing) {
      fs.copyFileSync(from, to);
    }
  }
  return folder;
}

for (const missing of ["bundle.json", "run_django.py", "python", "packages", "app"]) {
  test(`a bundle without ${missing}`, LIMIT, async (context) => {
    const folder = damagedBundle(context, missing);
    const { supervisor, names } = supervise(context, { launch: () => launchOf(folder) });
    const failed = next(supervisor, "failed");
    supervisor.start();
    const { message, tail } = await failed;
    assert.match(message, /^.+\nReason: (.|\n)+\nWhat to do: .+$/);
    assert.ok(`${message}\n${tail}`.includes(missing === "app" ? "djdesk" : missing), message);
    assert.deepEqual(names(), ["failed"]);
  });
}

test("an interpreter that vanishes between two starts", LIMIT, async (context) => {
  const launch = launchOf(BUNDLE);
  const { supervisor } = supervise(context, {
    launch: () => ({ ...launch, file: `${launch.file}-gone` }),
  });
  supervisor.start();
  const { message } = await next(supervisor, "failed");
  assert.ok(message.includes(`${launch.file}-gone: ENOENT`), message);
});

for (const when of ["at once", "ready"]) {
  test(`the shell is killed: ${when}`, LIMIT, async (context) => {
    const dataDir = path.join(makeFolder(context), "data");
    const words = [path.join(__dirname, "fixtures", "parent.js"), BUNDLE, dataDir, when];
    const parent = childProcess.spawn(process.execPath, words, {
      stdio: ["ignore", "pipe", "inherit"],
    });
    afterwards(context, () => parent.kill("SIGKILL"));
    const [line] = await events.once(parent.stdout, "data");
    const server = Number(String(line));
    assert.equal(isAlive(server), true);
    parent.kill("SIGKILL");
    await ended(server);
  });
}
