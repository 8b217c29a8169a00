"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");

const { readBundle, serverCommand } = require("../lib/bundle");
const { ShellError } = require("../lib/errors");
const { HERE, bundleFolder } = require("./fixtures/bundle");
const { makeFolder, writeFile } = require("./fixtures/folders");

const LINUX = { platform: "linux", architecture: "x64", packaged: true };
const APP = { name: "Notes", identifier: "org.example.notes", version: "1.2" };
const MANIFEST = { schema: 1, app: APP, target: "linux-x86_64" };

/**
 * @param {string} folder
 * @param {unknown} manifest
 */
function makeBundle(folder, manifest) {
  writeFile(path.join(folder, "bundle.json"), JSON.stringify(manifest));
  writeFile(path.join(folder, "VERSION"), "Notes 1.2 linux-x86_64 CPython 3.14\n");
  writeFile(path.join(folder, "run_django.py"), "");
  writeFile(path.join(folder, "python", "bin", "python3"), "", 0o755);
  writeFile(path.join(folder, "python", "python.exe"), "", 0o755);
}

/**
 * Return the message of the failure to start the bundle in `folder`.
 *
 * @param {string} folder
 * @param {import("../lib/bundle").Host} [host]
 */
function failureOf(folder, host = LINUX) {
  try {
    serverCommand(readBundle(folder, host), host);
  } catch (error) {
    assert.ok(error instanceof ShellError);
    assert.match(error.message, /^.+\nReason: .+\nWhat to do: .+\.?$/);
    return error.message;
  }
  return assert.fail("it would be started");
}

test("the bundle that the tests use is read", () => {
  const bundle = readBundle(bundleFolder(), HERE);
  assert.ok(bundle.description.startsWith(`${bundle.name} ${bundle.version} `));
  assert.ok(fs.existsSync(bundle.interpreter));
});

test("a bundle says what it is", (context) => {
  const folder = makeFolder(context);
  makeBundle(folder, MANIFEST);
  assert.deepEqual(readBundle(folder, LINUX), {
    folder,
    name: "Notes",
    identifier: "org.example.notes",
    version: "1.2",
    revision: "",
    description: "Notes 1.2 linux-x86_64 CPython 3.14",
    target: "linux-x86_64",
    interpreter: path.join(folder, "python", "bin", "python3"),
    permissions: [],
    support: "",
  });
});

test("a bundle says what the desktop is to do", (context) => {
  const folder = makeFolder(context);
  const desktop = { permissions: ["notifications", 7, ""], support: "help@example.org" };
  makeBundle(folder, { ...MANIFEST, app: { ...APP, revision: "abc" }, desktop });
  const bundle = readBundle(folder, LINUX);
  assert.deepEqual(bundle.permissions, ["notifications"]);
  assert.equal(bundle.support, "help@example.org");
  assert.equal(bundle.revision, "abc");
});

test("without VERSION there is another line for people", (context) => {
  const folder = makeFolder(context);
  makeBundle(folder, MANIFEST);
  fs.unlinkSync(path.join(folder, "VERSION"));
  assert.equal(readBundle(folder, LINUX).description, "Notes 1.2 linux-x86_64");
});

/** @type {[string, string, string, string][]} */
const COMMANDS = [
  ["linux", "x64", "linux-x86_64", "python/bin/python3"],
  ["linux", "arm64", "linux-arm64", "python/bin/python3"],
  ["darwin", "x64", "macos-x86_64", "python/bin/python3"],
  ["darwin", "arm64", "macos-arm64", "python/bin/python3"],
  ["win32", "x64", "windows-x86_64", "python/python.exe"],
  ["win32", "arm64", "windows-arm64", "python/python.exe"],
];

for (const [platform, architecture, target, interpreter] of COMMANDS) {
  test(`${target} is started by its own interpreter`, (context) => {
    const folder = makeFolder(context);
    makeBundle(folder, { ...MANIFEST, target });
    const host = { platform, architecture, packaged: true };
    const command = serverCommand(readBundle(folder, host), host);
    const launcher = path.join(folder, "run_django.py");
    assert.deepEqual(command, {
      file: path.join(folder, ...interpreter.split("/")),
      words: ["-I", "-B", "-X", "utf8", "-X", "disable-remote-debug", launcher, "serve", "--shell"],
      folder,
    });
  });
}

const DAMAGED_MANIFESTS = [
  "",
  "{",
  "null",
  "[]",
  "7",
  "{}",
  JSON.stringify({ ...MANIFEST, schema: 2 }),
  JSON.stringify({ ...MANIFEST, schema: "1" }),
  JSON.stringify({ ...MANIFEST, target: undefined }),
  JSON.stringify({ ...MANIFEST, target: 7 }),
  JSON.stringify({ ...MANIFEST, app: null }),
  JSON.stringify({ ...MANIFEST, app: "Notes" }),
  JSON.stringify({ ...MANIFEST, app: { ...APP, name: "" } }),
  JSON.stringify({ ...MANIFEST, app: { ...APP, version: 1 } }),
  JSON.stringify({ ...MANIFEST, app: { ...APP, identifier: undefined } }),
  JSON.stringify({ ...MANIFEST, app: { ...APP, identifier: "../notes" } }),
  JSON.stringify({ ...MANIFEST, app: { ...APP, identifier: "notes/" } }),
  JSON.stringify({ ...MANIFEST, app: { ...APP, identifier: ".." } }),
];

for (const text of DAMAGED_MANIFESTS) {
  test(`a damaged manifest: ${text}`, (context) => {
    const folder = makeFolder(context);
    makeBundle(folder, MANIFEST);
    writeFile(path.join(folder, "bundle.json"), text);
    assert.match(failureOf(folder), /^The application is damaged\./);
  });
}

for (const file of ["bundle.json", "run_django.py", "python/bin/python3"]) {
  test(`a bundle without ${file}`, (context) => {
    const folder = makeFolder(context);
    makeBundle(folder, MANIFEST);
    fs.unlinkSync(path.join(folder, file));
    const message = failureOf(folder);
    assert.ok(message.includes(path.join(folder, file)), message);
    assert.match(message, /ENOENT/);
    assert.match(message, /Install the application again/);
    assert.match(failureOf(folder, { ...LINUX, packaged: false }), /nox -s bundle/);
  });
}

test("no bundle at all", (context) => {
  assert.match(failureOf(path.join(makeFolder(context), "none")), /ENOENT/);
});

const skip =
  process.platform === "win32" || process.getuid?.() === 0 ? "files are always readable" : false;

test("an interpreter that may not be run", { skip }, (context) => {
  const folder = makeFolder(context);
  makeBundle(folder, MANIFEST);
  fs.chmodSync(path.join(folder, "python", "bin", "python3"), 0o644);
  assert.match(failureOf(folder), /EACCES/);
});

for (const target of ["linux-arm64", "windows-x86_64", "macos-x86_64", "solaris-sparc"]) {
  test(`a bundle for ${target} is told apart from a damaged one`, (context) => {
    const folder = makeFolder(context);
    makeBundle(folder, { ...MANIFEST, target });
    const message = failureOf(folder);
    assert.match(message, /^The application is made for another kind of computer\./);
    assert.ok(message.includes(`for ${target}, and this is linux-x86_64`), message);
  });
}

test("on a system that nobody builds for", (context) => {
  const folder = makeFolder(context);
  makeBundle(folder, MANIFEST);
  assert.match(failureOf(folder, { ...LINUX, platform: "freebsd" }), /this is freebsd-x86_64/);
});
