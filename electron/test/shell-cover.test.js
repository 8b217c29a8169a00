"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { FAILURE, SPLASH } = require("../lib/shell/addresses");
const { createCover, isBeingCovered } = require("../lib/shell/cover");
const { FakeContents } = require("./fixtures/fake_contents");

const HOME = "http://127.0.0.1:8137/";
const NEW = `${HOME}notes/new/?a=b#c`;

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

test("a page that does not want to be left stays, and that is told once", async () => {
  const { contents, cover } = window(HOME, NEW);
  contents.holdsText = true;
  let kept = 0;
  let covering = false;
  contents.prependListener("will-prevent-unload", () => {
    covering = isBeingCovered(/** @type {any} */ (contents));
  });
  const onKept = () => {
    kept += 1;
  };
  cover.show(FAILURE, { onKept });
  assert.equal(kept, 1, "as soon as it is known");
  await new Promise(setImmediate);
  assert.equal(kept, 1);
  assert.ok(covering);
  assert.ok(!isBeingCovered(/** @type {any} */ (contents)));
  assert.deepEqual(contents.done, []);
  assert.ok(!cover.isOn());
  contents.isLeft();
  assert.equal(kept, 1, "it is the user who leaves now");
});

test("a page of the shell that does not load is told of, too", async () => {
  const { contents, cover } = window(HOME);
  contents.loadURL = () => Promise.reject(new Error("ERR_FAILED"));
  /** @type {string[]} */
  const kept = [];
  cover.show(FAILURE, { onKept: () => kept.push("kept") });
  await new Promise(setImmediate);
  assert.deepEqual(kept, ["kept"]);
});

test("a page of the shell that gives way to another is none that did not load", async () => {
  const { contents, cover } = window(HOME);
  const loadURL = contents.loadURL.bind(contents);
  /** @type {string[]} */
  const kept = [];
  contents.loadURL = () => Promise.reject(new Error("ERR_ABORTED"));
  cover.show(FAILURE, { onKept: () => kept.push("kept") });
  contents.loadURL = loadURL;
  cover.show(SPLASH);
  await new Promise(setImmediate);
  assert.deepEqual(kept, []);
  assert.deepEqual(contents.done, [`load ${SPLASH}`]);
});

test("a page that was covered is left as any other", () => {
  const { contents, cover } = window(HOME);
  cover.show(FAILURE, { onKept: () => assert.fail() });
  cover.lift(HOME);
  contents.isLeft();
  assert.ok(!isBeingCovered(/** @type {any} */ (contents)));
});
