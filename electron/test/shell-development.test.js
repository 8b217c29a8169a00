"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { ShellError } = require("../lib/errors");
const { readDevelopmentServer } = require("../lib/shell/development");

const GOOD = {
  command: ["python", "-m", "server"],
  cwd: "/project",
  name: "Notes",
  identifier: "org.example.notes",
  version: "1.0",
  permissions: ["notifications"],
  support: "help@example.org",
};

/** @param {unknown} content */
function read(content) {
  return readDevelopmentServer({ DJDESK_DEV_SERVER: JSON.stringify(content) });
}

test("a server is a program, its arguments and its folder", () => {
  const { name, identifier, version, permissions, support } = GOOD;
  assert.deepEqual(read(GOOD), {
    ...{ file: "python", words: ["-m", "server"], folder: "/project" },
    ...{ name, identifier, version, permissions, support },
  });
  assert.deepEqual(read({ ...GOOD, permissions: undefined }).permissions, []);
  assert.equal(read({ ...GOOD, support: undefined }).support, "");
});

const WRONG = [
  ...[null, 1, "text", [], {}],
  { ...GOOD, command: [] },
  { ...GOOD, command: "python" },
  { ...GOOD, command: ["python", 1] },
  { ...GOOD, cwd: undefined },
  { ...GOOD, identifier: 1 },
  { ...GOOD, permissions: "all" },
  { ...GOOD, support: ["help@example.org"] },
];

for (const content of WRONG) {
  test(`refused: ${JSON.stringify(content)}`, () => {
    assert.throws(() => read(content), ShellError);
  });
}

test("without one, it is said how to get one", () => {
  assert.throws(() => readDevelopmentServer({}), /What to do: Start it by: nox -s dev/);
  assert.throws(() => readDevelopmentServer({ DJDESK_DEV_SERVER: "{" }), ShellError);
});
