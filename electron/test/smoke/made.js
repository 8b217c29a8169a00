"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

const { writeFile } = require("../fixtures/folders");

const HERE = Object.freeze({ platform: "linux", architecture: "x64" });
const FILES = Object.freeze({
  "app/manage.py": "print()\n",
  "python/bin/python3.14": `#!/bin/sh\n${"# padding\n".repeat(10)}`,
  "static/über.css": "",
});

/** @param {string | Buffer} content */
function sha256(content) {
  return crypto.createHash("sha256").update(content).digest("hex");
}

/**
 * Make a bundle as small as can be, whose listing is that of real ones.
 *
 * @param {string} folder
 * @param {{ target?: string }} [options]
 */
function makeBundle(folder, { target = "linux-x86_64" } = {}) {
  const lines = Object.entries(FILES).map(([name, text]) => {
    const mode = name.includes("/bin/") ? 0o755 : 0o644;
    writeFile(path.join(folder, ...name.split("/")), text, mode);
    return `${mode.toString(8)}\t${Buffer.byteLength(text)}\t${sha256(text)}\t${name}\n`;
  });
  fs.symlinkSync("python3.14", path.join(folder, "python", "bin", "python3"));
  lines.push("link\t0\t->python3.14\tpython/bin/python3\n");
  const listing = lines.join("");
  writeFile(path.join(folder, "files.tsv"), listing);
  writeFile(path.join(folder, "VERSION"), "Made\n");
  const manifest = { schema: 1, target, files: { count: 4, digest: sha256(listing) } };
  writeFile(path.join(folder, "bundle.json"), JSON.stringify(manifest));
}

module.exports = { HERE, makeBundle, sha256 };
