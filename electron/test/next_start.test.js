"use strict";

const assert = require("node:assert/strict");
const childProcess = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");

const { environmentOutsideImage } = require("../lib/environment");
const { imageOf } = require("../lib/next_start");
const { makeFolder, writeFile } = require("./fixtures/folders");

const SKIP = { skip: process.platform === "win32" ? "there are no AppImages" : false };
const PROGRAM = path.join(__dirname, "fixtures", "ending_image.js");

const FILE = "/home/ada/Notes.AppImage";
const MOUNT = "/tmp/.mount_NotesAbc";

/** @type {[string, NodeJS.ProcessEnv, string, boolean][]} what, environment, program, in an image */
const IMAGES = [
  ["an AppImage", { APPIMAGE: FILE, APPDIR: MOUNT }, `${MOUNT}/notes`, true],
  ["no AppImage", {}, "/opt/notes/notes", false],
  ["started from another's", { APPIMAGE: FILE, APPDIR: MOUNT }, "/opt/notes/notes", false],
  ["a folder of a similar name", { APPIMAGE: FILE, APPDIR: MOUNT }, `${MOUNT}d/notes`, false],
  ["its folder unpacked by hand", { APPDIR: "/srv/notes" }, "/srv/notes/notes", false],
  ["a relative file", { APPIMAGE: "x", APPDIR: MOUNT }, `${MOUNT}/notes`, false],
];

for (const [what, environment, program, expected] of IMAGES) {
  test(`where it runs from: ${what}`, SKIP, () => {
    const image = expected ? { file: FILE, folder: MOUNT } : null;
    assert.deepEqual(imageOf(environment, program), image);
  });
}

test("where it runs from: a folder behind a link", SKIP, (context) => {
  const folder = makeFolder(context);
  writeFile(path.join(folder, "mount", "notes"), "");
  const link = path.join(folder, "link");
  fs.symlinkSync(path.join(folder, "mount"), link);
  const environment = { APPIMAGE: FILE, APPDIR: link };
  const image = imageOf(environment, path.join(folder, "mount", "notes"));
  assert.deepEqual(image, { file: FILE, folder: link });
});

test("the environment of the next start has nothing of the image", () => {
  const environment = {
    APPIMAGE: FILE,
    APPDIR: MOUNT,
    OWD: "/home/ada",
    ARGV0: "./Notes.AppImage",
    HOME: "/home/ada",
    PATH: `${MOUNT}:${MOUNT}/usr/sbin:/usr/bin`,
    XDG_DATA_DIRS: `${MOUNT}/usr/share/:/usr/local/share/:/usr/share/`,
    LD_LIBRARY_PATH: `${MOUNT}/usr/lib`,
    GSETTINGS_SCHEMA_DIR: `${MOUNT}/usr/share/glib-2.0/schemas:/srv/schemas`,
  };
  assert.deepEqual(environmentOutsideImage(environment), {
    HOME: "/home/ada",
    PATH: "/usr/bin",
    XDG_DATA_DIRS: "/usr/local/share/:/usr/share/",
    GSETTINGS_SCHEMA_DIR: "/srv/schemas",
  });
});

/**
 * Start a program that has an image started after it, and that lives until its input ends.
 *
 * @param {import("node:test").TestContext} context
 */
function start(context) {
  const folder = makeFolder(context);
  const image = path.join(folder, "Notes 1.0.AppImage");
  const mounted = path.join(folder, "mounted");
  const seen = path.join(folder, "seen");
  writeFile(path.join(mounted, "notes"), "");
  const script = [
    "#!/bin/sh",
    `exec >'${seen}.partial'`,
    "pwd",
    `printf '%s\\n' "$@"`,
    `[ ! -e '${mounted}' ] || echo mounted`,
    "read -r line || echo end",
    `mv '${seen}.partial' '${seen}'`,
  ];
  writeFile(image, script.join("\n"), 0o755);
  const words = ["--data-dir=my data", "--no-sandbox", ""];
  const first = childProcess.spawn(process.execPath, [PROGRAM, image, mounted, ...words], {
    cwd: folder,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const told = new Promise((resolve) => first.stdout.once("data", resolve));
  return { folder, mounted, seen, words, first, told };
}

/** @param {() => boolean} condition */
async function until(condition) {
  for (let tries = 0; tries < 500 && !condition(); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.ok(condition());
}

test("an image starts after the process and its folder are gone", SKIP, async (context) => {
  const { folder, mounted, seen, words, first, told } = start(context);
  await told;
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.ok(!fs.existsSync(`${seen}.partial`), "the process lives");
  const ended = new Promise((resolve) => first.once("exit", resolve));
  first.stdin.end();
  await ended;
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.ok(!fs.existsSync(`${seen}.partial`), "the folder is there");
  fs.rmSync(mounted, { recursive: true });
  await until(() => fs.existsSync(seen));
  const lines = fs.readFileSync(seen, "utf8").split("\n");
  assert.deepEqual(lines, [folder, ...words, "end", ""]);
});
