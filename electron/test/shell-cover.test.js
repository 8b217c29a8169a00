"use strict";

const assert = require("node:assert/strict");
const { EventEmitter } = require("node:events");
const { test } = require("node:test");

const { FAILURE, SPLASH } = require("../lib/shell/addresses");
const { createCover } = require("../lib/shell/cover");

const HOME = "http://127.0.0.1:8137/";
const NEW = `${HOME}notes/new/?a=b#c`;

/** A page with a history, as Chromium keeps it. */
class FakeContents extends EventEmitter {
  /** @param {string[]} entries */
  constructor(...entries) {
    super();
    this.entries = entries;
    this.index = entries.length - 1;
    /** @type {string[]} */
    this.done = [];
    this.navigationHistory = {
      clear: () => this.done.push("clear"),
      getActiveIndex: () => this.index,
      getEntryAtIndex: (/** @type {number} */ index) => ({ url: this.entries[index] ?? "" }),
      goToIndex: (/** @type {number} */ index) => this.go(index),
    };
  }

  getURL() {
    return this.entries[this.index] ?? "";
  }

  /** @param {number} index */
  go(index) {
    this.done.push(`back to ${this.entries[index]}`);
    this.index = index;
  }

  /** @param {string} address */
  loadURL(address) {
    this.done.push(`load ${address}`);
    this.entries = [...this.entries.slice(0, this.index + 1), address];
    this.index += 1;
    this.emit("did-navigate");
    return Promise.resolve();
  }
}

/** @param {string[]} entries */
function window(...entries) {
  const contents = new FakeContents(...entries);
  const cover = createCover(/** @type {any} */ (contents));
  return { contents, cover };
}

test("nothing was shown yet: the way back does not lead to the failure", () => {
  const { contents, cover } = window();
  cover.show(FAILURE);
  assert.ok(cover.isOn());
  cover.show(SPLASH);
  cover.lift(HOME);
  assert.deepEqual(contents.done, [
    ...[`load ${FAILURE}`, `load ${SPLASH}`],
    ...[`load ${HOME}`, "clear"],
  ]);
  assert.ok(!cover.isOn());
});

test("a page that was intact is gone back to, so that its forms are filled in again", () => {
  const { contents, cover } = window(HOME, NEW);
  cover.show(FAILURE);
  cover.show(SPLASH);
  cover.lift(HOME);
  assert.deepEqual(contents.done.slice(2), [`back to ${NEW}`]);
});

test("a page that failed to load is tried again", () => {
  const { contents, cover } = window(HOME, NEW);
  cover.show(SPLASH);
  cover.lift(HOME);
  assert.equal(contents.getURL(), NEW);
});

test("a form that was sent in vain is shown again, and not sent again", () => {
  const { contents, cover } = window(HOME, NEW, `${HOME}notes/save/`);
  cover.show(SPLASH, { posted: true });
  cover.lift(HOME);
  assert.equal(contents.done.pop(), `back to ${NEW}`);
});

test("a page that failed again is given up for the first page", () => {
  const { contents, cover } = window(HOME, NEW);
  cover.show(SPLASH, { again: true });
  cover.show(FAILURE);
  cover.lift(HOME);
  assert.deepEqual(contents.done.slice(2), [`load ${HOME}`, "clear"]);
});

test("an entry that was replaced is loaded anew", () => {
  const { contents, cover } = window(HOME, NEW);
  cover.show(SPLASH);
  contents.entries[1] = SPLASH;
  cover.lift(HOME);
  assert.deepEqual(contents.done.slice(1), [`load ${NEW}`, "clear"]);
});

test("the page is the same where the server has another port now", () => {
  const { contents, cover } = window(HOME, NEW);
  cover.show(SPLASH);
  cover.lift("http://127.0.0.1:9000/");
  assert.equal(contents.getURL(), "http://127.0.0.1:9000/notes/new/?a=b#c");
});

test("the same page is not loaded over itself", () => {
  const { contents, cover } = window(HOME);
  cover.show(FAILURE);
  cover.show(FAILURE);
  assert.deepEqual(contents.done, [`load ${FAILURE}`]);
});

test("what was covered once is forgotten", () => {
  const { contents, cover } = window(HOME, NEW);
  cover.show(SPLASH);
  cover.lift(HOME);
  contents.loadURL(`${HOME}other/`);
  cover.show(SPLASH);
  cover.lift(HOME);
  assert.equal(contents.getURL(), `${HOME}other/`);
});
