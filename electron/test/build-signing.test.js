"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { test } = require("node:test");

const { PAUSES, retry } = require("../build/retry.cjs");
const { default: sign } = require("../build/sign-windows.cjs");

/** @param {number} times @param {string} message */
function failing(times, message) {
  let left = times;
  return () => {
    if (left > 0) {
      left -= 1;
      throw new Error(message);
    }
    return "signed";
  };
}

const TIMESTAMP = "SignTool Error: The specified timestamp server could not be reached.";

test("signing outlasts a service that fails for a while", async () => {
  /** @type {number[]} */
  const pauses = [];
  const sleep = (/** @type {number} */ seconds) => Promise.resolve(void pauses.push(seconds));
  assert.equal(await retry(failing(PAUSES.length, TIMESTAMP), sleep), "signed");
  assert.deepEqual(pauses, PAUSES);
});

test("a service that stays away ends the signing", async () => {
  const sleep = async () => {};
  await assert.rejects(retry(failing(PAUSES.length + 1, TIMESTAMP), sleep), /timestamp server/);
});

test("another failure is told at once", async () => {
  const sleep = () => Promise.resolve(assert.fail("it waited"));
  await assert.rejects(retry(failing(1, "No certificates were found."), sleep), /certificates/);
});

test("the hook gives the command the file, and its failure says what it said", async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "djdesk-"));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const seen = path.join(folder, "seen");
  const script = `require("node:fs").writeFileSync(${JSON.stringify(seen)}, process.argv.at(-1))`;
  process.env.DJDESK_SIGN_COMMAND = JSON.stringify([process.execPath, "-e", script, "--"]);
  t.after(() => delete process.env.DJDESK_SIGN_COMMAND);
  await sign({ path: "Notes Setup.exe" });
  assert.equal(fs.readFileSync(seen, "utf8"), "Notes Setup.exe");
  const fails = 'console.error("No certificates were found."); process.exit(1)';
  process.env.DJDESK_SIGN_COMMAND = JSON.stringify([process.execPath, "-e", fails, "--"]);
  await assert.rejects(sign({ path: "x" }), /No certificates/);
});
