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
  ["an exit code", failures.endedEarly(CODE, "python"), /exit code 1\./],
  ["a signal", failures.endedEarly(SIGNAL, "python"), /signal SIGSEGV\./],
  ["nothing known", failures.endedEarly({ ...CODE, code: null }, "python"), /exit code unknown\./],
  ["no program", failures.endedEarly(MISSING, "/opt/python"), /\/opt\/python: ENOENT/],
  ["damaged", failures.endedEarly({ ...CODE, code: 3 }, "python"), /is damaged.*\n.*code 3/],
  ["one crash", failures.endedTooOften(CODE, 1), /by itself once, at last with exit code 1/],
  ["four crashes", failures.endedTooOften(SIGNAL, 4), /4 times in a short while/],
  ["silence", failures.silent(60000), /for 60 seconds/],
  ["no proof", failures.unproven(), /not the one that was started/],
];

for (const [what, message, expected] of MESSAGES) {
  test(`a message: ${what}`, () => {
    assert.match(message, THREE_LINES);
    assert.match(message, expected);
  });
}
