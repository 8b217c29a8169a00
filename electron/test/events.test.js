"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { eventReader, parseEvent } = require("../lib/events");

const SAID = { event: "progress", message: "Upd€ting — 𝄞 äö", phase: "updating" };
const PROGRESS = { ...SAID, detail: "", fraction: null };
const LINE = Buffer.from(`${JSON.stringify(SAID)}\n`);

/**
 * Return what a reader makes of `chunks`.
 *
 * @param {(Buffer | string)[]} chunks
 */
function read(...chunks) {
  /** @type {unknown[]} */
  const events = [];
  /** @type {number[]} */
  const garbage = [];
  const feed = eventReader({
    onEvent: (event) => events.push(event),
    onGarbage: (bytes) => garbage.push(bytes),
  });
  chunks.forEach((chunk) => feed(Buffer.from(chunk)));
  return { events, garbage };
}

for (let cut = 0; cut <= LINE.length; cut += 1) {
  test(`a line cut after ${cut} bytes is one event`, () => {
    assert.deepEqual(read(LINE.subarray(0, cut), LINE.subarray(cut)).events, [PROGRESS]);
  });
}

test("byte by byte, many lines", () => {
  const bytes = Buffer.concat([LINE, LINE, LINE]);
  const chunks = Array.from(bytes, (byte) => Buffer.from([byte]));
  assert.deepEqual(read(...chunks), { events: [PROGRESS, PROGRESS, PROGRESS], garbage: [] });
});

test("many lines in one piece, the last without its end", () => {
  const { events } = read(Buffer.concat([LINE, LINE, LINE.subarray(0, -1)]));
  assert.deepEqual(events, [PROGRESS, PROGRESS]);
});

test("a Windows line end is one", () => {
  assert.deepEqual(read(`${JSON.stringify(PROGRESS)}\r\n`).events, [PROGRESS]);
});

test("garbage between events is told by its length alone", () => {
  const { events, garbage } = read("hello\n", LINE, Buffer.from([0, 255, 254, 10]), "\n", LINE);
  assert.deepEqual(events, [PROGRESS, PROGRESS]);
  assert.deepEqual(garbage, [5, 3]);
});

test("a line that is too long is dropped, and what follows is read", () => {
  const long = Buffer.from(JSON.stringify({ ...PROGRESS, message: "x".repeat(300000) }));
  const pieces = [long.subarray(0, 100000), long.subarray(100000, 290000), long.subarray(290000)];
  const { events, garbage } = read(...pieces, "\n", LINE);
  assert.deepEqual(events, [PROGRESS]);
  assert.deepEqual(garbage, [long.length]);
});

const NO_EVENTS = [
  "",
  "{",
  "null",
  "7",
  '"ready"',
  "[]",
  '["progress"]',
  "{}",
  '{"event": null}',
  '{"event": 7}',
  '{"event": "unknown"}',
  '{"event": "constructor"}',
  '{"event": "__proto__", "message": "x"}',
  '{"event": "toString"}',
  '{"event": ["progress"], "message": "x"}',
  '{"event": "progress"}',
  '{"event": "progress", "message": 7}',
  '{"event": "failed"}',
  '{"event": "failed", "message": null}',
];

for (const line of NO_EVENTS) {
  test(`no event: ${line}`, () => {
    assert.equal(parseEvent(line), null);
  });
}

const READY = { event: "ready", url: "", port: 0, proof: "", dataDir: null, log: null };

/** @type {[string, Record<string, unknown>, Record<string, unknown>][]} */
const EVENTS = [
  ["progress", { message: "x" }, { ...PROGRESS, message: "x", phase: "starting" }],
  [
    "progress",
    { message: "x", phase: "other" },
    { ...PROGRESS, message: "x", phase: "starting" },
  ],
  [
    "progress",
    { message: "", phase: "updating", detail: "1 of 4", done: 1, total: 4 },
    { ...PROGRESS, message: "", detail: "1 of 4", fraction: 0.25 },
  ],
  ["progress", { message: "", phase: "updating", done: 9, total: 4 }, { ...PROGRESS, message: "", fraction: 1 }],
  ["progress", { message: "", phase: "updating", done: 0, total: 0 }, { ...PROGRESS, message: "" }],
  ["progress", { message: "", phase: "updating", done: -1, total: 4 }, { ...PROGRESS, message: "" }],
  ["progress", { message: "", phase: "updating", detail: 7, done: "x", total: [] }, { ...PROGRESS, message: "" }],
  ["progress", { message: "", phase: "updating" }, { ...PROGRESS, message: "" }],
  ["ready", {}, READY],
  ["ready", { url: 7, port: "80", proof: {}, data_dir: 7, log: [] }, READY],
  ["ready", { port: 1.5 }, READY],
  [
    "ready",
    { url: "http://127.0.0.1:80/", port: 80, proof: "p", data_dir: "/d", log: "/l", pid: 7 },
    { ...READY, url: "http://127.0.0.1:80/", port: 80, proof: "p", dataDir: "/d", log: "/l" },
  ],
  ["failed", { message: "x" }, { event: "failed", message: "x", log: null }],
  ["failed", { message: "x", log: "/l", code: 4 }, { event: "failed", message: "x", log: "/l" }],
];

for (const [event, content, expected] of EVENTS) {
  test(`${event} ${JSON.stringify(content)}`, () => {
    assert.deepEqual(parseEvent(JSON.stringify({ event, ...content })), expected);
  });
}
