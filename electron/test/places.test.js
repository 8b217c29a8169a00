"use strict";

const assert = require("node:assert/strict");
const childProcess = require("node:child_process");
const os = require("node:os");
const path = require("node:path");
const { test } = require("node:test");

const {
  bundleFolder: chosenBundle,
  dataFolder,
  namedDataFolder,
  placesIn,
  thisMachine,
} = require("../lib/places");
const { HERE, bundleFolder } = require("./fixtures/bundle");
const { readBundle } = require("../lib/bundle");

const ID = "org.example.notes";
const LINUX = {
  platform: "linux",
  environment: { HOME: "/home/ada" },
  accountHome: "/home/account",
  workingFolder: "/desk",
};
const MAC = { ...LINUX, platform: "darwin", environment: { HOME: "/Users/ada" } };
const WINDOWS = {
  platform: "win32",
  environment: { LOCALAPPDATA: "C:\\Users\\Ada\\AppData\\Local", USERPROFILE: "C:\\Users\\Ada" },
  accountHome: "C:\\Users\\Account",
  workingFolder: "C:\\work",
};

/** @type {[string, typeof LINUX | typeof WINDOWS, NodeJS.ProcessEnv, string | undefined, string][]} */
const CASES = [
  // what, machine, more environment, --data-dir, folder
  ["usual", LINUX, {}, undefined, `/home/ada/.local/share/${ID}`],
  ["usual", MAC, {}, undefined, `/Users/ada/Library/Application Support/${ID}`],
  ["usual", WINDOWS, {}, undefined, `C:\\Users\\Ada\\AppData\\Local\\${ID}`],
  [
    "no LOCALAPPDATA",
    WINDOWS,
    { LOCALAPPDATA: "" },
    undefined,
    `C:\\Users\\Ada\\AppData\\Local\\${ID}`,
  ],
  [
    "neither",
    WINDOWS,
    { LOCALAPPDATA: "", USERPROFILE: "" },
    undefined,
    `C:\\Users\\Account\\AppData\\Local\\${ID}`,
  ],
  ["XDG", LINUX, { XDG_DATA_HOME: "/srv/data" }, undefined, `/srv/data/${ID}`],
  ["XDG", MAC, { XDG_DATA_HOME: "/srv/data" }, undefined, `/srv/data/${ID}`],
  ["empty option", LINUX, {}, "", `/home/ada/.local/share/${ID}`],
  ["empty variable", LINUX, { DJDESK_DATA_DIR: "" }, undefined, `/home/ada/.local/share/${ID}`],
  ["option", LINUX, { DJDESK_DATA_DIR: "/var/x" }, "/srv/my data", "/srv/my data"],
  ["variable", LINUX, { DJDESK_DATA_DIR: "/srv/my data" }, undefined, "/srv/my data"],
  ["relative option", LINUX, {}, "my/data", "/desk/my/data"],
  ["relative variable", LINUX, { DJDESK_DATA_DIR: "data" }, undefined, "/desk/data"],
  ["home option", LINUX, {}, "~/data", "/home/ada/data"],
  ["home option", LINUX, {}, "~", "/home/ada"],
  ["not home", LINUX, {}, "~x/data", "/desk/~x/data"],
  ["home option", WINDOWS, {}, "~\\data", "C:\\Users\\Ada\\data"],
  ["option", WINDOWS, {}, "D:\\my data", "D:\\my data"],
  ["relative option", WINDOWS, {}, "data", "C:\\work\\data"],
];

for (const [what, machine, more, option, folder] of CASES) {
  test(`${machine.platform}: data, ${what}: ${folder}`, () => {
    const environment = { ...machine.environment, ...more };
    assert.equal(dataFolder(ID, option, { ...machine, environment }), folder);
  });
}

/** @type {[string | undefined, NodeJS.ProcessEnv, string | null][]} --data-dir, variable, folder */
const NAMED = [
  [undefined, {}, null],
  ["", {}, null],
  ["", { DJDESK_DATA_DIR: "" }, null],
  ["data", {}, "/desk/data"],
  ["~/data", {}, "/home/ada/data"],
  ["", { DJDESK_DATA_DIR: "../data" }, "/data"],
];

for (const [option, more, folder] of NAMED) {
  test(`the folder that is named by ${option}, ${JSON.stringify(more)}: ${folder}`, () => {
    const environment = { ...LINUX.environment, ...more };
    assert.equal(namedDataFolder(option, { ...LINUX, environment }), folder);
  });
}

test("this machine's folders are absolute", () => {
  assert.ok(path.isAbsolute(thisMachine().workingFolder));
  assert.ok(path.isAbsolute(dataFolder(ID, "data", thisMachine())));
});

/** @type {NodeJS.ProcessEnv[]} */
const ENVIRONMENTS = [
  {},
  { HOME: "/home/ada" },
  { HOME: "/home/ada/" },
  { HOME: "/home//ada//" },
  { HOME: "/home/./ada/../eve" },
  { HOME: "/" },
  { HOME: "" },
  { HOME: "relative" },
  { HOME: "/home/ada", XDG_DATA_HOME: "/srv/data" },
  { HOME: "/home/ada", XDG_DATA_HOME: "/srv/./data//x/" },
  { HOME: "/home/ada", XDG_DATA_HOME: "/srv/../data" },
  { HOME: "/home/ada", XDG_DATA_HOME: "//srv/data" },
  { HOME: "/home/ada", XDG_DATA_HOME: "///srv/data" },
  { HOME: "/home/ada", XDG_DATA_HOME: "/" },
  { HOME: "/home/ada", XDG_DATA_HOME: "" },
  { HOME: "/home/ada", XDG_DATA_HOME: "relative" },
  { HOME: "/home/ada", XDG_DATA_HOME: "~/data" },
  { HOME: "/home/ada", XDG_DATA_HOME: " /srv" },
  { HOME: "/home/adä", XDG_DATA_HOME: "/srv/dätä" },
];

const PROGRAM = `
import json, os, sys
sys.path.insert(0, sys.argv[1])
from platformdirs import user_data_path
found = []
for environment in json.loads(sys.argv[2]):
    os.environ.clear()
    os.environ.update(environment)
    found.append(str(user_data_path(sys.argv[3], appauthor=False)))
print(json.dumps(found))
`;

test("platformdirs finds the same folders", { skip: process.platform === "win32" }, () => {
  const folder = bundleFolder();
  const { interpreter } = readBundle(folder, HERE);
  const packages = path.join(folder, "packages");
  const words = [
    "-I",
    "-B",
    "-X",
    "utf8",
    "-c",
    PROGRAM,
    packages,
    JSON.stringify(ENVIRONMENTS),
    ID,
  ];
  const theirs = JSON.parse(childProcess.execFileSync(interpreter, words, { encoding: "utf8" }));
  const { homedir: accountHome } = os.userInfo();
  const ours = ENVIRONMENTS.map((environment) =>
    dataFolder(ID, undefined, { ...LINUX, platform: process.platform, environment, accountHome }),
  );
  assert.deepEqual(ours, theirs);
});

test("everything of the shell lies in the data folder", () => {
  const data = path.join(path.sep, "srv", "data");
  for (const place of Object.values(placesIn(data))) {
    assert.ok(place.startsWith(data), place);
  }
  assert.equal(placesIn(data).shellLog, path.join(data, "logs", "shell.log"));
  assert.equal(placesIn(data).windowState, path.join(data, "shell", "window.json"));
});

const SHELL = {
  packaged: false,
  resourcesPath: path.resolve("/opt/notes/resources"),
  applicationFolder: path.resolve("/home/ada/electron"),
  environment: {},
};

/** @type {[string, boolean, NodeJS.ProcessEnv, string][]} */
const BUNDLES = [
  ["packaged", true, {}, path.resolve("/opt/notes/resources/django-bundle")],
  [
    "packaged, with the variable",
    true,
    { DJDESK_BUNDLE: "/x" },
    path.resolve("/opt/notes/resources/django-bundle"),
  ],
  ["not packaged", false, {}, path.resolve("/home/ada/electron/django-bundle")],
  ["the variable", false, { DJDESK_BUNDLE: path.resolve("/x/y") }, path.resolve("/x/y")],
  ["a relative variable", false, { DJDESK_BUNDLE: "x/y" }, path.resolve("x/y")],
  [
    "an empty variable",
    false,
    { DJDESK_BUNDLE: "" },
    path.resolve("/home/ada/electron/django-bundle"),
  ],
];

for (const [what, packaged, environment, folder] of BUNDLES) {
  test(`the bundle: ${what}`, () => {
    assert.equal(chosenBundle({ ...SHELL, packaged, environment }), folder);
  });
}
