"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");

const { FAILURE, FILES, FIND, ORIGIN, SPLASH, fileOf, isIcon } = require("../lib/shell/addresses");

const FOLDER = path.join(__dirname, "..", "pages");
const PAGES = FILES.filter((name) => name.endsWith(".html"));

/** @param {string} name */
function read(name) {
  return fs.readFileSync(path.join(FOLDER, name), "utf8");
}

test("every listed file is there", () => {
  for (const name of FILES) {
    assert.notEqual(read(name), "");
  }
});

test("addresses mean listed files and nothing else", () => {
  assert.equal(fileOf(SPLASH), "splash.html");
  assert.equal(fileOf(`${FAILURE}?a=b#c`), "failure.html");
  assert.equal(fileOf(FIND), "find.html");
  const others = ["", "/", "/pages/splash.html", "/../main.js", "/%2e%2e/main.js", "/tsconfig.json"];
  for (const rest of others) {
    assert.equal(fileOf(ORIGIN + rest), null, rest);
  }
  assert.equal(fileOf("djdesk://other/splash.html"), null);
});

test("one address means the icon", () => {
  assert.ok(isIcon(`${ORIGIN}/icon.png`));
  for (const rest of ["/", "/icon.png/", "/other/icon.png", "/icon%2epng", "/splash.html"]) {
    assert.ok(!isIcon(ORIGIN + rest), rest);
  }
  assert.ok(!isIcon("djdesk://other/icon.png"));
});

for (const name of PAGES) {
  test(`${name} holds no code and no style of its own, and loads only listed files`, () => {
    const text = read(name);
    assert.doesNotMatch(text, /<style|\sstyle=|\son\w+=|javascript:|https?:/i);
    for (const [, attributes = "", content = ""] of text.matchAll(
      /<script\b([^>]*)>([^]*?)<\/script>/g,
    )) {
      assert.match(attributes, /\ssrc="/);
      assert.equal(content, "");
    }
    for (const [, file = ""] of text.matchAll(/\b(?:src|href)="([^"]*)"/g)) {
      assert.ok(FILES.includes(file) || isIcon(`${ORIGIN}/${file}`), file);
    }
  });

  test(`${name} says its language, and names what it asks for`, () => {
    const text = read(name);
    assert.match(text, /<html lang="en">/);
    assert.match(text, /<title>[^<]+<\/title>/);
    for (const [field = ""] of text.matchAll(/<(?:input|pre)\b[^>]*>/g)) {
      assert.match(field, /aria-label/);
    }
    for (const [, attributes = "", content = ""] of text.matchAll(
      /<button\b([^>]*)>([^]*?)<\/button>/g,
    )) {
      assert.ok(/aria-label="/.test(attributes) || /^\w[\w ]+$/.test(content), content);
    }
  });
}

test("ids that scripts ask for are in their pages", () => {
  for (const name of PAGES) {
    const script = read(name.replace(".html", ".js"));
    for (const [, id = ""] of script.matchAll(/(?:element|say|getElementById)\("([a-z-]+)"/g)) {
      assert.ok(read(name).includes(`id="${id}"`), `${name}: ${id}`);
    }
  }
});
