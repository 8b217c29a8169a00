"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { documentOf } = require("../lib/shell/token_header");

const PAGE = { url: "http://127.0.0.1:8137/notes/", parent: null };

test("the document of a frame is what it shows", () => {
  assert.equal(documentOf(PAGE), PAGE.url);
});

test("a document that is written into another is that one", () => {
  const inner = { url: "about:blank", parent: { url: "about:srcdoc", parent: PAGE } };
  assert.equal(documentOf(inner), PAGE.url);
});

test("a frame that is gone shows nothing", () => {
  const gone = {
    parent: null,
    /** @returns {string} */
    get url() {
      throw new Error("Render frame was disposed before WebFrameMain could be accessed");
    },
  };
  for (const frame of [null, undefined, gone]) {
    assert.equal(documentOf(frame), "");
  }
});
