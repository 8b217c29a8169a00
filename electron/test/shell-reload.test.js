"use strict";

const assert = require("node:assert/strict");
const { EventEmitter } = require("node:events");
const { test } = require("node:test");

const { standInForElectron } = require("./fixtures/electron");

standInForElectron({ dialog: {}, webContents: {} });

const { isPosted, rememberPage, watchAnswers } = require("../lib/shell/posted_pages");
const { loadAnew, reload } = require("../lib/shell/reload");

const HOME = "http://127.0.0.1:8137/";
const FORM = `${HOME}notes/new/`;
const REPORT = `${HOME}report/`;

/**
 * @typedef {object} Answer
 * @property {string} method
 * @property {string} url
 * @property {string} [resourceType]
 * @property {boolean} [shown] whether it becomes the page
 * @property {string} [at] the page's address, where that is another
 */

/** @type {[string, Answer[], boolean][]} what, the answers in order, whether the page was posted */
const PAGES = [
  ["no page yet", [], false],
  ["a link", [{ method: "GET", url: FORM }], false],
  [
    "a form's answer",
    [
      { method: "GET", url: FORM },
      { method: "POST", url: FORM },
    ],
    true,
  ],
  [
    "a form's answer that leads elsewhere",
    [
      { method: "GET", url: FORM },
      { method: "GET", url: HOME },
    ],
    false,
  ],
  ["a form's answer, at a place in it", [{ method: "POST", url: `${FORM}#form` }], true],
  ["a place told of once only", [{ method: "POST", url: FORM, at: `${FORM}#form` }], true],
  [
    "a link after it",
    [
      { method: "POST", url: FORM },
      { method: "GET", url: FORM },
    ],
    false,
  ],
  [
    "a file that was saved",
    [
      { method: "GET", url: HOME },
      { method: "POST", url: REPORT, shown: false },
    ],
    false,
  ],
  [
    "a page without an answer, after a file",
    [
      { method: "POST", url: REPORT, shown: false },
      { method: "none", url: "about:blank" },
    ],
    false,
  ],
  [
    "what a page sends by itself",
    [
      { method: "GET", url: HOME },
      { method: "POST", url: HOME, resourceType: "xhr", shown: false },
    ],
    false,
  ],
  [
    "a page that was saved, then visited",
    [
      { method: "POST", url: REPORT, shown: false },
      { method: "GET", url: REPORT },
    ],
    false,
  ],
  ["what a frame sends", [{ method: "POST", url: HOME, resourceType: "subFrame" }], false],
];

/** @param {{ resourceType: string, url: string, method: string }} details */
function answer(details) {
  const onResponseStarted = (/** @type {(details: any) => void} */ tell) => tell(details);
  watchAnswers(/** @type {any} */ ({ webRequest: { onResponseStarted } }));
}

for (const [what, answers, expected] of PAGES) {
  test(`${what}: ${expected ? "posted" : "not posted"}`, () => {
    const page = /** @type {any} */ (new EventEmitter());
    rememberPage(page);
    for (const { method, url, resourceType = "mainFrame", shown = true, at = url } of answers) {
      if (method !== "none") {
        answer({ resourceType, url, method });
      }
      if (shown) {
        page.emit("did-navigate", {}, at);
      }
    }
    assert.equal(isPosted(page), expected);
  });
}

/** @param {string} address @param {boolean} posted */
function showing(address, posted) {
  /** @type {string[]} */
  const done = [];
  const page = Object.assign(new EventEmitter(), {
    getURL: () => address,
    reload: () => done.push("reload"),
    loadURL: (/** @type {string} */ url) => {
      done.push(`load ${url}`);
      return Promise.reject(new Error("ERR_FAILED"));
    },
  });
  const contents = /** @type {any} */ (page);
  rememberPage(contents);
  answer({ resourceType: "mainFrame", url: address, method: posted ? "POST" : "GET" });
  page.emit("did-navigate", {}, address);
  return { contents, done };
}

/** @type {[string, boolean, boolean, string[]][]} address, posted, ready, what is done */
const RELOADS = [
  [FORM, false, true, ["reload"]],
  [`${FORM}#form`, false, true, ["reload"]],
  [FORM, true, true, [`load ${FORM}`]],
  [`${FORM}#form`, true, true, [`load ${FORM}`]],
  [FORM, false, false, []],
  [FORM, true, false, []],
];

for (const [address, posted, isReady, expected] of RELOADS) {
  test(`reload ${address}, posted ${posted}, server ready ${isReady}`, () => {
    const { contents, done } = showing(address, posted);
    reload(contents, { isReady });
    assert.deepEqual(done, expected);
  });
}

for (const posted of [false, true]) {
  test(`after a crash, posted ${posted}: by its address`, () => {
    const { contents, done } = showing(`${FORM}?a=b#c`, posted);
    loadAnew(contents);
    assert.deepEqual(done, [`load ${FORM}?a=b`]);
  });
}
