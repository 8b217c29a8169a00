"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");

const { Log } = require("../lib/log");
const { makeFolder } = require("./fixtures/folders");

/** @param {string} file */
function read(file) {
  return fs.readFileSync(file, "utf8");
}

test("a record is a line with time, level and process", (context) => {
  const file = path.join(makeFolder(context), "logs", "shell.log");
  const log = new Log(file);
  log.info("one");
  log.warning("two");
  log.error("three");
  const [one, two, three, end] = read(file).split("\n");
  const time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";
  assert.match(String(one), new RegExp(`^${time} INFO ${process.pid} one$`));
  assert.match(String(two), new RegExp(`^${time} WARNING ${process.pid} two$`));
  assert.match(String(three), new RegExp(`^${time} ERROR ${process.pid} three$`));
  assert.equal(end, "");
});

test("secrets are not written, whoever says them", (context) => {
  const file = path.join(makeFolder(context), "shell.log");
  const log = new Log(file);
  log.hide("s3cret");
  log.hide("s3cret");
  log.info("token s3cret, again s3cret");
  assert.match(read(file), /token \*\*\*, again \*\*\*\n$/);
});

test("what is in a message cannot look like another record", (context) => {
  const file = path.join(makeFolder(context), "shell.log");
  const log = new Log(file);
  log.info("first\r\n2026-01-01T00:00:00.000Z ERROR 1 forged\rover\u001b[2J\u2028\u0000");
  const lines = read(file).split("\n");
  assert.equal(lines.length, 3);
  assert.equal(lines[1], "    2026-01-01T00:00:00.000Z ERROR 1 forged?over?[2J??");
});

test("a full file is put aside, and the oldest dropped", (context) => {
  const file = path.join(makeFolder(context), "shell.log");
  const log = new Log(file, { bytes: 100, kept: 2 });
  for (let number = 0; number < 9; number += 1) {
    log.info(`${number} ${"x".repeat(100)}`);
  }
  assert.deepEqual(fs.readdirSync(path.dirname(file)).sort(), [
    "shell.log",
    "shell.log.1",
    "shell.log.2",
  ]);
  assert.match(read(file), / 8 x/);
  assert.match(read(`${file}.1`), / 7 x/);
  assert.match(read(`${file}.2`), / 6 x/);
});

test("other users cannot read it", { skip: process.platform === "win32" }, (context) => {
  const file = path.join(makeFolder(context), "logs", "shell.log");
  new Log(file).info("x");
  assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  assert.equal(fs.statSync(path.dirname(file)).mode & 0o777, 0o700);
});

test("a log that cannot be written is nobody's trouble", (context) => {
  const folder = makeFolder(context);
  fs.writeFileSync(path.join(folder, "file"), "");
  fs.mkdirSync(path.join(folder, "shell.log"));
  new Log(path.join(folder, "file", "shell.log")).info("x");
  new Log(path.join(folder, "shell.log"), { bytes: 0 }).info("x");
  new Log("\0").info("x");
});
