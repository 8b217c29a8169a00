"use strict";

const assert = require("node:assert/strict");
const childProcess = require("node:child_process");
const path = require("node:path");
const { test } = require("node:test");

const SHELL = path.join(__dirname, "..");

/** A program that starts another one as a server, and ends when that has. */
const PROGRAM = `
  const { EFFECTS } = require("./lib/effects");
  const { ServerProcess } = require("./lib/server_process");
  const aloud = process.argv[1] === "aloud";
  const words = ["-e", "console.error('a word')"];
  const launch = { file: process.execPath, words, folder: ".", environment: process.env, aloud };
  const server = new ServerProcess(launch, { secrets: [], effects: EFFECTS });
  server.on("end", () => process.stdout.write(server.tail.text(1)));
  server.start("{}\\n");
`;

for (const [how, heard] of /** @type {[string, string][]} */ ([
  ["aloud", "a word\n"],
  ["quietly", ""],
])) {
  test(`what a server says on standard error is kept, ${how}`, () => {
    const words = ["-e", PROGRAM, how];
    const { stdout, stderr } = childProcess.spawnSync(process.execPath, words, {
      cwd: SHELL,
      encoding: "utf8",
    });
    assert.equal(stdout.trim(), "a word");
    assert.equal(stderr, heard);
  });
}
