"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { contextMenuTemplate } = require("../lib/shell/context_menu");

/** @typedef {import("../lib/shell/context_menu").Clicked} Clicked */

const ALL = { canCut: true, canCopy: true, canPaste: true, canSelectAll: true };
const NONE = { canCut: false, canCopy: false, canPaste: false, canSelectAll: false };

/** @type {Clicked} */
const PLAIN = {
  isEditable: false,
  misspelledWord: "",
  dictionarySuggestions: [],
  selectionText: "",
  linkURL: "",
  mediaType: "none",
  hasImageContents: false,
  srcURL: "",
  editFlags: /** @type {Electron.EditFlags} */ (NONE),
};

/** @param {Partial<Clicked>} change */
function menu(change) {
  /** @type {[string, ...unknown[]][]} */
  const done = [];
  const note = (/** @type {string} */ name) => (/** @type {unknown[]} */ ...words) => {
    done.push([name, ...words]);
  };
  const template = contextMenuTemplate(
    { ...PLAIN, ...change },
    {
      replaceMisspelling: note("replace"),
      addToDictionary: note("add"),
      copyText: note("copy"),
      saveImage: note("save"),
      copyImage: note("copy image"),
    },
  );
  const names = template.map(({ label, role, type }) => label ?? role ?? type);
  const click = (/** @type {string} */ label) => {
    const item = template.find((one) => one.label === label);
    assert.ok(item, label);
    /** @type {any} */ (item.click)();
    return done.pop();
  };
  return { click, names, template };
}

test("nothing was clicked: no menu", () => {
  assert.deepEqual(menu({}).names, []);
  assert.deepEqual(menu({ selectionText: " \n " }).names, []);
});

test("selected text can be copied", () => {
  assert.deepEqual(menu({ selectionText: "word" }).names, ["copy"]);
});

test("a field can be edited, as far as its state allows", () => {
  const editFlags = /** @type {Electron.EditFlags} */ ({ ...ALL, canPaste: false });
  const { names, template } = menu({ isEditable: true, editFlags });
  assert.deepEqual(names, ["cut", "copy", "paste", "pasteAndMatchStyle", "selectAll"]);
  assert.deepEqual(
    template.map(({ enabled }) => enabled),
    [true, true, false, false, true],
  );
});

test("a misspelled word is replaced, or learned", () => {
  const { click, names } = menu({
    isEditable: true,
    misspelledWord: "teh",
    dictionarySuggestions: ["the", "tea"],
  });
  assert.deepEqual(names.slice(0, 4), ["the", "tea", "Add to Dictionary", "separator"]);
  assert.deepEqual(click("tea"), ["replace", "tea"]);
  assert.deepEqual(click("Add to Dictionary"), ["add", "teh"]);
});

test("a word that nothing is like says so", () => {
  const { names, template } = menu({ isEditable: true, misspelledWord: "xqz" });
  assert.equal(names[0], "No Suggestions");
  assert.equal(template[0]?.enabled, false);
});

test("spelling is not for text that cannot be changed", () => {
  assert.deepEqual(menu({ misspelledWord: "teh", dictionarySuggestions: ["the"] }).names, []);
});

test("a link's address is copied, and a mail address without its headers", () => {
  const page = menu({ linkURL: "https://example.org/a?b" });
  assert.deepEqual(page.click("Copy Link Address"), ["copy", "https://example.org/a?b"]);
  const mail = menu({ linkURL: "mailto:zoe@example.org?subject=Hello" });
  assert.deepEqual(mail.click("Copy E-mail Address"), ["copy", "zoe@example.org"]);
});

test("an image is saved or copied, if it is there", () => {
  const srcURL = "http://127.0.0.1:8137/media/a.png";
  const { click } = menu({ mediaType: "image", hasImageContents: true, srcURL });
  assert.deepEqual(click("Save Image As…"), ["save", srcURL]);
  assert.deepEqual(click("Copy Image"), ["copy image"]);
  assert.deepEqual(menu({ mediaType: "image", srcURL }).names, []);
  assert.deepEqual(menu({ mediaType: "video", srcURL }).names, []);
});

test("groups are kept apart, and no line is first or last", () => {
  const { names } = menu({
    linkURL: "https://example.org/",
    mediaType: "image",
    hasImageContents: true,
    selectionText: "word",
  });
  assert.deepEqual(names, [
    ...["Copy Link Address", "separator"],
    ...["Save Image As…", "Copy Image", "separator"],
    "copy",
  ]);
});
