"use strict";

const assert = require("node:assert/strict");
const { EventEmitter } = require("node:events");
const { test } = require("node:test");

const { standInForElectron } = require("./fixtures/electron");
const { FakeContents } = require("./fixtures/fake_contents");

standInForElectron({ clipboard: {}, dialog: {}, nativeTheme: {}, shell: {}, webContents: {} });

const { SPLASH } = require("../lib/shell/addresses");
const { entryTowards, followHand, goBy, goHome } = require("../lib/shell/history");

const ORIGIN = "http://127.0.0.1:8137";
const [FIRST, NOTE, MISSING] = [`${ORIGIN}/`, `${ORIGIN}/notes/1/`, `${ORIGIN}/missing/`];

/** @param {string[]} entries */
function open(...entries) {
  const contents = new FakeContents(...entries);
  const window = Object.assign(new EventEmitter(), { webContents: contents });
  const supervisor = { origin: ORIGIN, isReady: true };
  const all = /** @type {any} */ ({ window, supervisor, page: contents });
  followHand(all.window, all.supervisor);
  return { ...all, contents, supervisor };
}

test("a page that is missing is no trap", () => {
  const { page, contents, supervisor } = open(FIRST, NOTE, MISSING);
  goBy(page, -1, supervisor);
  assert.equal(contents.getURL(), NOTE);
  goBy(page, 1, supervisor);
  assert.equal(contents.getURL(), MISSING);
  goHome(page, supervisor);
  assert.deepEqual(contents.done.slice(2), [`load ${FIRST}`]);
});

test("at either end nothing happens", () => {
  const { page, contents, supervisor } = open(FIRST);
  goBy(page, -1, supervisor);
  goBy(page, 1, supervisor);
  assert.deepEqual(contents.done, []);
});

test("pages of the shell and of servers that have gone are passed over", () => {
  const old = "http://127.0.0.1:8136/";
  const { page, contents, supervisor } = open(FIRST, SPLASH, old, "about:blank", NOTE);
  goBy(page, -1, supervisor);
  assert.equal(contents.getURL(), FIRST);
  const { navigationHistory } = open(old, SPLASH, FIRST).page;
  assert.equal(entryTowards(navigationHistory, -1, ORIGIN), null);
});

test("the buttons of a mouse and swipes go back and forward", () => {
  const { window, contents } = open(FIRST, NOTE);
  for (const [event, name] of [
    ...[["app-command", "browser-backward"], ["app-command", "browser-forward"]],
    ...[["swipe", "left"], ["swipe", "right"]],
    ...[["app-command", "media-play"], ["swipe", "up"], ["app-command", "constructor"]],
  ]) {
    window.emit(event, {}, name);
  }
  assert.deepEqual(contents.done, [
    ...[`back to ${FIRST}`, `back to ${NOTE}`],
    ...[`back to ${FIRST}`, `back to ${NOTE}`],
  ]);
});

test("while the server is away the page stays", () => {
  const { page, contents, supervisor } = open(FIRST, NOTE);
  supervisor.isReady = false;
  goBy(page, -1, supervisor);
  goHome(page, supervisor);
  assert.deepEqual(contents.done, []);
});
