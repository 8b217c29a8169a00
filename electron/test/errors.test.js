"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { ShellError, messageOf, reasonOf } = require("../lib/errors");
const failures = require("../lib/failures");

const THREE_LINES = /^[A-Z].+\.\nReason: .+\.?\nWhat to do: .+\.$/;

test("a failure says what happened, why, and what to do", () => {
  const error = new ShellError("It failed.", { why: "It is late.", next: "Sleep." });
  assert.equal(error.message, "It failed.\nReason: It is late.\nWhat to do: Sleep.");
  assert.equal(messageOf(error), error.message);
});

test("so does one that nobody has thought of", () => {
  assert.match(
    messageOf(new TypeError("x is no function")),
    /Reason: TypeError: x is no function\n/,
  );
  assert.match(messageOf("text"), THREE_LINES);
});

test("the reason of a system's failure is its name", () => {
  assert.equal(reasonOf(Object.assign(new Error("no such file"), { code: "ENOENT" })), "ENOENT");
  assert.equal(reasonOf(new SyntaxError("Unexpected end")), "Unexpected end");
});

const CODE = { code: 1, signal: null, error: null };
const SIGNAL = { code: null, signal: "SIGSEGV", error: null };
const MISSING = {
  code: null,
  signal: null,
  error: Object.assign(new Error("x"), { code: "ENOENT" }),
};

/** @type {[string, string, RegExp][]} */
const MESSAGES = [
  ["an early end", failures.endedEarly(CODE, "python"), /while it was starting/],
  ["no program", failures.endedEarly(MISSING, "/opt/python"), /\/opt\/python: ENOENT/],
  ["damaged", failures.endedEarly({ ...CODE, code: 3 }, "python"), /is damaged/],
  ["one crash", failures.endedTooOften(1), /ended by itself\./],
  ["four crashes", failures.endedTooOften(4), /4 times in a short while/],
  ["silence", failures.silent(60000), /for 60 seconds/],
  ["no proof", failures.unproven(), /not the one that was started/],
];

for (const [what, message, expected] of MESSAGES) {
  test(`a message: ${what}`, () => {
    assert.match(message, THREE_LINES);
    assert.match(message, expected);
  });
}

test("what people are told has no codes and no signals; what is logged has", () => {
  for (const ending of [CODE, SIGNAL, { ...CODE, code: null }, { ...CODE, code: 3 }]) {
    const messages = [failures.endedEarly(ending, "python"), failures.endedTooOften(4)];
    assert.doesNotMatch(messages.join(), /signal|SIG|exit code|server/i);
  }
  assert.match(failures.howItEnded(CODE), /exit code 1\b/);
  assert.match(failures.howItEnded(SIGNAL), /SIGSEGV/);
  assert.match(failures.howItEnded({ ...CODE, code: null }), /exit code unknown/);
  assert.match(failures.howItEnded(MISSING), /ENOENT/);
});
