"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");

const { checkBundle } = require("../../lib/smoke/bundle_check");
const { makeFolder, writeFile } = require("../fixtures/folders");
const { HERE, makeBundle, sha256 } = require("./made");

const onPosix = { skip: process.platform === "win32" ? "bundles of this kind have links" : false };

test("a bundle as it was made has no problem", onPosix, (context) => {
  const folder = makeFolder(context);
  makeBundle(folder);
  const { problems, files, bytes } = checkBundle(folder, HERE);
  assert.deepEqual(problems, []);
  assert.equal(files, 4);
  assert.ok(bytes > 100);
});

/** @type {Record<string, [(folder: string) => void, string]>} what is done, and what is said */
const DAMAGES = {
  "a changed byte": [
    (folder) => fs.writeFileSync(path.join(folder, "app", "manage.py"), "print(\n"),
    "app/manage.py has 7 bytes, not 8",
  ],
  "a flipped byte": [
    (folder) => fs.writeFileSync(path.join(folder, "app", "manage.py"), "prinT()\n"),
    "app/manage.py has changed",
  ],
  "a missing file": [
    (folder) => fs.unlinkSync(path.join(folder, "static", "über.css")),
    "static/über.css is missing",
  ],
  "a file too many": [
    (folder) => writeFile(path.join(folder, "app", "more", "x.py"), ""),
    "app/more/x.py does not belong there",
  ],
  "a program that lost its mode": [
    (folder) => fs.chmodSync(path.join(folder, "python", "bin", "python3.14"), 0o644),
    "python/bin/python3.14 may not be run any more",
  ],
  "a link that leads elsewhere": [
    (folder) => {
      fs.unlinkSync(path.join(folder, "python", "bin", "python3"));
      fs.symlinkSync("./python3.14", path.join(folder, "python", "bin", "python3"));
    },
    "python/bin/python3 is a link to ./python3.14, not to python3.14",
  ],
  "a file in the place of a link": [
    (folder) => {
      const file = path.join(folder, "python", "bin", "python3");
      fs.unlinkSync(file);
      fs.writeFileSync(file, "");
    },
    "python/bin/python3 is no link any more",
  ],
  "a folder in the place of a file": [
    (folder) => {
      fs.unlinkSync(path.join(folder, "app", "manage.py"));
      fs.mkdirSync(path.join(folder, "app", "manage.py"));
    },
    "app/manage.py is no file any more",
  ],
  "another listing": [
    (folder) => fs.appendFileSync(path.join(folder, "files.tsv"), `644\t0\t${sha256("")}\tx\n`),
    "files.tsv is not the one that bundle.json was written with",
  ],
};

for (const [name, [damage, said]] of Object.entries(DAMAGES)) {
  test(`${name} is named`, onPosix, (context) => {
    const folder = makeFolder(context);
    makeBundle(folder);
    damage(folder);
    assert.equal(checkBundle(folder, HERE).problems[0], said);
  });
}

test("files that describe the others are compared with what the package says", onPosix, (context) => {
  const folder = makeFolder(context);
  makeBundle(folder);
  const described = { VERSION: sha256("Made\n"), "bundle.json": sha256("another") };
  assert.deepEqual(checkBundle(folder, HERE, described).problems, ["bundle.json has changed"]);
  fs.unlinkSync(path.join(folder, "VERSION"));
  const [problem] = checkBundle(folder, HERE, described).problems;
  assert.equal(problem, "VERSION cannot be read: ENOENT");
});

test("a bundle for another machine is named as one", onPosix, (context) => {
  const folder = makeFolder(context);
  makeBundle(folder, { target: "linux-arm64" });
  const { problems } = checkBundle(folder, HERE);
  assert.deepEqual(problems, ["bundle.json says linux-arm64, and this is linux-x86_64"]);
});

test("an interpreter for another processor is named", onPosix, (context) => {
  const folder = makeFolder(context);
  makeBundle(folder);
  const head = Buffer.alloc(64);
  head.write("\x7fELF", "latin1");
  head.writeUInt16LE(183, 18);
  fs.writeFileSync(path.join(folder, "python", "bin", "python3.14"), head);
  const { problems } = checkBundle(folder, HERE);
  const said = "python/bin/python3 is a program for linux-arm64, and this is linux-x86_64";
  assert.equal(problems[problems.length - 1], said);
});

for (const [name, content] of Object.entries({ empty: "", "no JSON": "{", "no object": "7" })) {
  test(`a manifest that is ${name} is damaged`, onPosix, (context) => {
    const folder = makeFolder(context);
    makeBundle(folder);
    fs.writeFileSync(path.join(folder, "bundle.json"), content);
    assert.match(checkBundle(folder, HERE).problems.join("\n"), /^bundle\.json/m);
  });
}

test("no bundle at all is one problem", (context) => {
  const { problems } = checkBundle(path.join(makeFolder(context), "none"), HERE);
  assert.deepEqual(problems, ["bundle.json cannot be read: ENOENT"]);
});
