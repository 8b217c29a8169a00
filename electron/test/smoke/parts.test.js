"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");

const { judgeFirstPage } = require("../../lib/smoke/first_page");
const { parseListing } = require("../../lib/smoke/listing");
const { targetOf } = require("../../lib/smoke/machine");
const { readPackageManifest } = require("../../lib/smoke/package_manifest");
const { Report, writeReport } = require("../../lib/smoke/report");
const { smokeRequest } = require("../../lib/smoke/request");
const { silenceDialogs } = require("../../lib/smoke/silence");
const { makeFolder } = require("../fixtures/folders");

/** @param {Record<string, string>} switches */
function words(switches) {
  return {
    hasSwitch: (/** @type {string} */ name) => name in switches,
    getSwitchValue: (/** @type {string} */ name) => switches[name] ?? "",
  };
}

test("no smoke test is asked for by other switches", () => {
  assert.equal(smokeRequest(words({ "data-dir": "x" }), "/"), null);
});

test("the report's place and the time limit are read", () => {
  const folder = path.resolve("/somewhere");
  assert.deepEqual(smokeRequest(words({ "smoke-test": "" }), folder), {
    report: null,
    seconds: 180,
  });
  const asked = words({ "smoke-test": "r.json", "smoke-test-seconds": "7" });
  assert.deepEqual(smokeRequest(asked, folder), {
    report: path.join(folder, "r.json"),
    seconds: 7,
  });
});

for (const text of ["", "0", "-1", "x", "1e9", "NaN", "Infinity"]) {
  test(`a time limit of ${JSON.stringify(text)} is the usual one`, () => {
    const asked = words({ "smoke-test": "", "smoke-test-seconds": text });
    assert.equal(smokeRequest(asked, "/")?.seconds, 180);
  });
}

test("a listing is read", () => {
  const digest = "a".repeat(64);
  const entries = parseListing(`755\t3\t${digest}\tbin/x y\nlink\t0\t->x\tbin/l\n`);
  assert.deepEqual(entries, [
    { path: "bin/x y", executable: true, size: 3, digest, target: null },
    { path: "bin/l", executable: false, size: 0, digest: "", target: "x" },
  ]);
  assert.deepEqual(parseListing(""), []);
});

for (const text of ["x\n", "644\t1\tabc\tx\n", "644\t1", "link\t0\tx\ty\n"]) {
  test(`${JSON.stringify(text)} is no listing`, () => {
    assert.throws(() => parseListing(text), RangeError);
  });
}

/** @type {Record<string, [(head: Buffer) => void, string | null]>} */
const PROGRAMS = {
  "an ELF file": [(head) => head.write("\x7fELF", "latin1") && head.writeUInt16LE(62, 18), "linux-x86_64"],
  "an ELF file of another kind": [(head) => head.write("\x7fELF", "latin1"), "an unknown processor"],
  "a Mach-O file": [
    (head) => {
      head.writeUInt32LE(0xfeedfacf, 0);
      head.writeUInt32LE(0x0100000c, 4);
    },
    "macos-arm64",
  ],
  "a PE file": [
    (head) => {
      head.write("MZ");
      head.writeUInt32LE(80, 0x3c);
      head.write("PE\0\0", 80);
      head.writeUInt16LE(0xaa64, 84);
    },
    "windows-arm64",
  ],
  "a PE file that points outside": [
    (head) => {
      head.write("MZ");
      head.writeUInt32LE(0xffffffff, 0x3c);
    },
    null,
  ],
  "a script": [(head) => head.write("#!/bin/sh"), null],
};

for (const [name, [write, target]] of Object.entries(PROGRAMS)) {
  test(`${name} is for ${target}`, (context) => {
    const head = Buffer.alloc(128);
    write(head);
    const file = path.join(makeFolder(context), "program");
    fs.writeFileSync(file, head);
    assert.equal(targetOf(file), target);
  });
}

test("a short file is no program", (context) => {
  const file = path.join(makeFolder(context), "program");
  fs.writeFileSync(file, "MZ");
  assert.equal(targetOf(file), null);
});

test("a report is good when every step was taken and nothing was wrong", (context) => {
  const report = new Report(["files", "page"]);
  report.took("files");
  assert.equal(report.missing(), "page");
  assert.equal(report.isGood(), false);
  report.took("page");
  report.note("data_dir", "x");
  assert.equal(report.isGood(), true);
  const file = path.join(makeFolder(context), "report.json");
  writeReport(report.document({ main: 3 }), file);
  assert.deepEqual(JSON.parse(fs.readFileSync(file, "utf8")), {
    schema: 1,
    ok: true,
    problems: [],
    warnings: [],
    steps: ["files", "page"],
    missing: null,
    data_dir: "x",
    phases_ms: { main: 3 },
  });
  report.blame("late");
  assert.equal(report.isGood(), false);
});

test("a dialog is answered by nobody and told of", async () => {
  /** @type {Record<string, any>} */
  const dialog = { showErrorBox: () => assert.fail("it was shown") };
  /** @type {string[]} */
  const told = [];
  silenceDialogs(dialog, (problem) => told.push(problem));
  dialog["showErrorBox"]("Title", "Content");
  assert.equal(dialog["showMessageBoxSync"]({ message: "Leave?" }), 0);
  assert.equal((await dialog["showOpenDialog"]({})).canceled, true);
  assert.deepEqual(told, [
    "A dialog would have been shown: Title: Content",
    "A dialog would have been shown: Leave?",
    "A dialog would have been shown: ",
  ]);
});

test("the package's manifest is read, and missed", (context) => {
  const folder = makeFolder(context);
  const [problem] = readPackageManifest(folder).problems;
  assert.equal(problem, "djdesk-package.json is missing or damaged: ENOENT");
  const document = { rehearsal: true, bundle: { described_by: { VERSION: "x" } } };
  fs.writeFileSync(path.join(folder, "djdesk-package.json"), JSON.stringify(document));
  const found = readPackageManifest(folder);
  assert.deepEqual(found, { described: { VERSION: "x" }, rehearsal: true, problems: [] });
});

/** @param {object} seen */
function judge(seen) {
  return judgeFirstPage({ status: 200, left: false, empty: false, failed: [], ...seen });
}

for (const status of [0, -1, 500, 502, 503, 599]) {
  test(`a first page with status ${status} is a problem`, () => {
    assert.equal(judge({ status }).problems.length, 1);
  });
}

for (const status of [200, 204, 304]) {
  test(`a first page with status ${status} is nothing to speak of`, () => {
    assert.deepEqual(judge({ status }), { problems: [], warnings: [] });
  });
}

for (const seen of [
  { status: 401 },
  { status: 403 },
  { status: 404 },
  { empty: true },
  { left: true, status: 0 },
  { failed: ["404 /style.css"] },
]) {
  test(`${JSON.stringify(seen)} is told of the project, and no problem`, () => {
    const { problems, warnings } = judge(seen);
    assert.deepEqual(problems, []);
    assert.equal(warnings.length, 1);
  });
}
