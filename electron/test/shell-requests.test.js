"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const requests = require("../lib/shell/requests");

const LONG = "x".repeat(2001);
const NOT_OBJECTS = [undefined, null, "text", 1, [], ["title"], () => {}];

/** @type {[keyof typeof requests, unknown, unknown][]} */
const ACCEPTED = [
  ["readNotification", { title: "Saved" }, { title: "Saved", body: "" }],
  ["readNotification", { title: "Saved", body: "Note" }, { title: "Saved", body: "Note" }],
  ["readOpenFile", undefined, { title: "", filters: [], multiple: false }],
  ["readOpenFile", { multiple: true }, { title: "", filters: [], multiple: true }],
  [
    "readOpenFile",
    { title: "Open", filters: [{ name: "Images", extensions: ["png", "tar.gz", "*"] }] },
    {
      title: "Open",
      filters: [{ name: "Images", extensions: ["png", "tar.gz", "*"] }],
      multiple: false,
    },
  ],
  ["readSaveFile", undefined, { title: "", filters: [], name: "" }],
  ["readSaveFile", { name: "Größe.pdf" }, { title: "", filters: [], name: "Größe.pdf" }],
  [
    "readSaveFile",
    { name: "../../etc\\passwd:\u0000" },
    { title: "", filters: [], name: ".._.._etc_passwd__" },
  ],
  ["readSaveFile", { name: "n".repeat(300) }, { title: "", filters: [], name: "n".repeat(255) }],
  ["readBadge", 0, 0],
  ["readBadge", 999999, 999999],
  [
    "readFind",
    { text: "a", forward: true, again: false },
    { text: "a", forward: true, again: false },
  ],
];

/** @type {[keyof typeof requests, unknown][]} */
const REFUSED = [
  ...NOT_OBJECTS.map(
    (value) => /** @type {[keyof typeof requests, unknown]} */ (["readNotification", value]),
  ),
  ["readNotification", {}],
  ["readNotification", { title: 1 }],
  ["readNotification", { title: LONG }],
  ["readNotification", { title: "a", body: {} }],
  ["readNotification", { title: "a", icon: "file:///etc/passwd" }],
  ["readOpenFile", "text"],
  ["readOpenFile", { multiple: "yes" }],
  ["readOpenFile", { properties: ["openDirectory"] }],
  ["readOpenFile", { defaultPath: "/etc" }],
  ["readOpenFile", { filters: {} }],
  ["readOpenFile", { filters: [null] }],
  ["readOpenFile", { filters: [{ name: "a" }] }],
  ["readOpenFile", { filters: [{ name: "a", extensions: [".png"] }] }],
  ["readOpenFile", { filters: [{ name: "a", extensions: ["a/b"] }] }],
  ["readOpenFile", { filters: [{ name: 1, extensions: ["png"] }] }],
  ["readOpenFile", { filters: [{ name: "a", extensions: Array(51).fill("png") }] }],
  ["readOpenFile", { filters: Array(21).fill({ name: "a", extensions: ["png"] }) }],
  ["readSaveFile", { defaultPath: "/etc/passwd" }],
  ["readSaveFile", { name: 1 }],
  ["readBadge", -1],
  ["readBadge", 1.5],
  ["readBadge", 1000000],
  ["readBadge", Number.NaN],
  ["readBadge", "1"],
  ["readBadge", undefined],
  ["readFind", { text: "a", forward: true }],
  ["readFind", { text: LONG, forward: true, again: true }],
  ["readFind", { text: "a", forward: 1, again: true }],
];

for (const [name, request, expected] of ACCEPTED) {
  test(`${name} reads ${JSON.stringify(request)?.slice(0, 60)}`, () => {
    assert.deepEqual(requests[name](request), expected);
  });
}

for (const [name, request] of REFUSED) {
  test(`${name} refuses ${JSON.stringify(request)?.slice(0, 60)}`, () => {
    assert.throws(() => requests[name](request), TypeError);
  });
}
