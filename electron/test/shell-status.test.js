"use strict";

const assert = require("node:assert/strict");
const { EventEmitter } = require("node:events");
const { test } = require("node:test");

const { followStatus } = require("../lib/shell/status");

function follow() {
  const supervisor = new EventEmitter();
  const status = followStatus(supervisor, { name: "Notes", support: "" });
  /** @type {string[]} */
  const told = [];
  status.onChange(({ phase, message }) => told.push(`${phase}: ${message}`));
  return { status, supervisor, told };
}

const FAILED = { message: "No.\nReason: no.\nWhat to do: wait", tail: "the end", log: null };

test("it begins with starting", () => {
  const { status } = follow();
  const { name, support, phase, tail, log } = status.current();
  assert.deepEqual([name, support, phase, tail, log], ["Notes", "", "starting", "", ""]);
});

test("it tells each change, in order", () => {
  const { status, supervisor, told } = follow();
  supervisor.emit("status", { message: "Updating your data…", phase: "updating" });
  supervisor.emit("ready", { url: "http://127.0.0.1:1/", log: "/data/app.log" });
  supervisor.emit("failed", FAILED);
  assert.deepEqual(told, [
    "updating: Updating your data…",
    "running: Opening…",
    `failed: ${FAILED.message}`,
  ]);
  assert.equal(status.current().tail, "the end");
});

test("the end of the log goes when the failure does", () => {
  const { status, supervisor } = follow();
  supervisor.emit("failed", FAILED);
  supervisor.emit("status", { message: "Starting…", phase: "starting" });
  assert.equal(status.current().tail, "");
});

test("how far it is goes when something else is going on", () => {
  const { status, supervisor } = follow();
  const said = { message: "Updating…", phase: "updating", detail: "1 of 4", fraction: 0.25 };
  supervisor.emit("status", said);
  const { detail, fraction } = status.current();
  assert.deepEqual([detail, fraction], ["1 of 4", 0.25]);
  supervisor.emit("ready", { url: "http://127.0.0.1:1/", log: "/data/app.log" });
  assert.deepEqual([status.current().detail, status.current().fraction], ["", null]);
});

test("once it stops, it says nothing else", () => {
  const { status, supervisor, told } = follow();
  status.set({ message: "Closing…", phase: "stopping" });
  supervisor.emit("status", { message: "Starting…", phase: "starting" });
  supervisor.emit("failed", FAILED);
  assert.deepEqual(told, ["stopping: Closing…"]);
});
