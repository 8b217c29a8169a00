"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { developerEnvironment, serverEnvironment } = require("../lib/environment");

const LINUX = { platform: "linux", interpreterFolder: "/opt/notes/python/bin" };
const WINDOWS = { platform: "win32", interpreterFolder: "C:\\Notes\\python" };

/** What a server of ours is never given, on any system. */
const NEVER = [
  ...["PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONWARNINGS", "VIRTUAL_ENV", "CONDA_PREFIX"],
  ...["LD_LIBRARY_PATH", "LD_PRELOAD", "LD_AUDIT", "DYLD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES"],
  ...["NODE_OPTIONS", "NODE_PATH", "ELECTRON_RUN_AS_NODE", "CHROME_DESKTOP", "GTK_PATH"],
  ...["DJDESK_TOKEN", "DJDESK_DATA_DIR", "DJDESK_DEV_SERVER", "DJANGO_SETTINGS_MODULE"],
  ...["SECRET_KEY", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "DATABASE_URL", "SSH_AUTH_SOCK"],
  ...[
    "APPDIR",
    "APPIMAGE",
    "OWD",
    "ARGV0",
    "XDG_DATA_DIRS",
    "GSETTINGS_SCHEMA_DIR",
    "QT_PLUGIN_PATH",
  ],
  ...[
    "OPENSSL_CONF",
    "OPENSSL_MODULES",
    "SSLKEYLOGFILE",
    "BASH_ENV",
    "ENV",
    "IFS",
    "SQLITE_HISTORY",
  ],
];

for (const server of [LINUX, { ...LINUX, platform: "darwin" }, WINDOWS]) {
  for (const name of NEVER) {
    test(`${server.platform}: ${name} is not passed on`, () => {
      const given = serverEnvironment({ [name]: "x", HOME: "/home/ada" }, server);
      assert.ok(!Object.keys(given).includes(name));
      assert.ok(!Object.values(given).includes("x"));
    });
  }
}

for (const name of [
  "HOME",
  "LANG",
  "LC_ALL",
  "LC_TIME",
  "TZ",
  "TMPDIR",
  "DISPLAY",
  "https_proxy",
]) {
  test(`linux: ${name} is passed on`, () => {
    assert.equal(serverEnvironment({ [name]: "x" }, LINUX)[name], "x");
  });
}

for (const name of [
  "SystemRoot",
  "APPDATA",
  "LOCALAPPDATA",
  "UserProfile",
  "TEMP",
  "ProgramFiles(x86)",
]) {
  test(`win32: ${name} is passed on, however it is written`, () => {
    assert.equal(serverEnvironment({ [name]: "x" }, WINDOWS)[name], "x");
  });
}

test("capitals matter on POSIX", () => {
  assert.deepEqual(Object.keys(serverEnvironment({ Home: "x", lang: "x" }, LINUX)), ["PATH"]);
});

/** @type {[string, NodeJS.ProcessEnv, string][]} what, environment, the PATH of the server */
const PATHS = [
  ["as it is", { PATH: "/usr/local/bin:/usr/bin" }, "/usr/local/bin:/usr/bin"],
  ["none", {}, "/usr/local/bin:/usr/bin:/bin"],
  ["empty", { PATH: "" }, "/usr/local/bin:/usr/bin:/bin"],
  ["empty and relative folders", { PATH: ":/usr/bin::bin:.:./x:" }, "/usr/bin"],
  [
    "an AppImage",
    {
      APPDIR: "/tmp/.mount_NotesAbc",
      PATH: "/tmp/.mount_NotesAbc/usr/sbin:/tmp/.mount_NotesAbc:/usr/bin",
    },
    "/usr/bin",
  ],
  [
    "another AppImage, which started this one",
    { PATH: "/tmp/.mount_OtherX/usr/bin:/usr/bin" },
    "/usr/bin",
  ],
  [
    "an image elsewhere",
    { APPDIR: "/run/image", PATH: "/run/image/bin:/run/images/bin" },
    "/run/images/bin",
  ],
  ["nothing is left", { APPDIR: "/image", PATH: "/image/bin" }, "/usr/local/bin:/usr/bin:/bin"],
];

for (const [what, environment, expected] of PATHS) {
  test(`linux: PATH: ${what}`, () => {
    assert.equal(serverEnvironment(environment, LINUX)["PATH"], expected);
  });
}

test("win32: the interpreter's folder comes first in Path, which keeps its name", () => {
  const given = serverEnvironment({ Path: "C:\\Windows;bin;C:\\OpenSSL\\bin" }, WINDOWS);
  assert.deepEqual(given, { Path: "C:\\Notes\\python;C:\\Windows;C:\\OpenSSL\\bin" });
});

test("win32: without a PATH there is the interpreter's folder", () => {
  assert.deepEqual(serverEnvironment({}, WINDOWS), { PATH: "C:\\Notes\\python" });
});

test("a developer's server gets everything but what is the shell's", () => {
  const environment = {
    PATH: "/usr/bin",
    PYTHONPATH: "src",
    DATABASE_URL: "sqlite://",
    DJANGO_SETTINGS_MODULE: "notes.settings",
    ELECTRON_RUN_AS_NODE: "1",
    NODE_OPTIONS: "--inspect",
    CHROME_DESKTOP: "x",
    DJDESK_DEV_SERVER: "{}",
    DJDESK_DATA_DIR: "/srv",
  };
  assert.deepEqual(developerEnvironment(environment, { platform: "linux" }), {
    PATH: "/usr/bin",
    PYTHONPATH: "src",
    DATABASE_URL: "sqlite://",
    DJANGO_SETTINGS_MODULE: "notes.settings",
  });
});

test("the environment given is left as it is", () => {
  const environment = Object.freeze({ PATH: ".:/usr/bin", SECRET: "x" });
  serverEnvironment(environment, LINUX);
  assert.deepEqual(environment, { PATH: ".:/usr/bin", SECRET: "x" });
});
