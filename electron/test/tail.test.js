"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { maskSecrets } = require("../lib/secrets");
const { Tail } = require("../lib/tail");

const SECRET = "Kq3-_x9ZbTn4vW2yRs8uEo1iLp5aGd7fHj6kMc0nQwA";

/**
 * Return the tail after `chunks`.
 *
 * @param {(Buffer | string)[]} chunks
 */
function tailOf(...chunks) {
  const tail = new Tail([SECRET, ""]);
  chunks.forEach((chunk) => tail.add(Buffer.from(chunk)));
  return tail;
}

test("secrets are replaced, however often and wherever", () => {
  assert.equal(maskSecrets("a.b a.b", ["a.b", "x"]), "*** ***");
  assert.equal(maskSecrets("text", [""]), "text");
  assert.equal(maskSecrets("one two", ["one", "two"]), "*** ***");
});

test("nothing was said", () => {
  assert.equal(tailOf().text(), "");
});

test("the last lines are kept, the open one too", () => {
  const lines = Array.from({ length: 1000 }, (_, number) => `line ${number}`);
  const tail = tailOf(`${lines.join("\n")}\nopen`);
  assert.equal(tail.text(3), "line 998\nline 999\nopen");
  assert.equal(tail.text().split("\n").length, 200);
  assert.ok(tail.lines.length <= 200);
});

test("pieces may end inside a line, a line end and a character", () => {
  const bytes = Buffer.from("grüße\r\n𝄞 end\n");
  const chunks = Array.from(bytes, (byte) => Buffer.from([byte]));
  assert.equal(tailOf(...chunks).text(), "grüße\n𝄞 end");
});

for (let cut = 0; cut <= SECRET.length; cut += 1) {
  test(`a secret in two pieces, cut after ${cut}`, () => {
    const tail = tailOf(`token ${SECRET.slice(0, cut)}`, `${SECRET.slice(cut)} end\n`);
    assert.equal(tail.text(), "token *** end");
  });
}

for (const before of [1950, 1960, 1990, 2000, 2010, 2043, 2050, 5000]) {
  test(`a secret in two pieces after ${before} characters without a line end`, () => {
    const tail = tailOf("x".repeat(before), SECRET.slice(0, 20), `${SECRET.slice(20)} end\n`);
    for (let start = 0; start + 8 <= SECRET.length; start += 1) {
      assert.ok(!tail.text().includes(SECRET.slice(start, start + 8)));
    }
  });
}

test("a line without an end takes no more memory than others", () => {
  const tail = tailOf();
  for (let number = 0; number < 200; number += 1) {
    tail.add(Buffer.alloc(100000, "x"));
  }
  assert.ok(tail.open.length < 3000);
  assert.equal(tail.text().length, 2000);
  tail.add(Buffer.from("\nnext\n"));
  assert.ok(tail.text().endsWith("x\nnext"));
});
