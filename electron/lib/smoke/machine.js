"use strict";

/**
 * Which system and processor a program is for, by its first bytes: ELF, Mach-O and PE.
 */

const fs = require("node:fs");

const HEAD_BYTES = 4096;

/** @type {Readonly<Record<number, string>>} e_machine of elf.h */
const ELF = Object.freeze({ 62: "linux-x86_64", 183: "linux-arm64" });
/** @type {Readonly<Record<number, string>>} cputype of mach-o/loader.h */
const MACHO = Object.freeze({ 0x01000007: "macos-x86_64", 0x0100000c: "macos-arm64" });
/** @type {Readonly<Record<number, string>>} Machine of Microsoft's "PE Format" */
const PE = Object.freeze({ 0x8664: "windows-x86_64", 0xaa64: "windows-arm64" });

const UNKNOWN = "an unknown processor";

/**
 * Return the target that a program is for; null if it is no native program, or for several.
 *
 * @param {string} file
 * @returns {string | null}
 */
function targetOf(file) {
  const head = readHead(file);
  if (head.length < 64) {
    return null;
  }
  if (head.readUInt32BE(0) === 0x7f454c46) {
    return ELF[head.readUInt16LE(18)] ?? UNKNOWN;
  }
  if (head.readUInt32LE(0) === 0xfeedfacf) {
    return MACHO[head.readUInt32LE(4)] ?? UNKNOWN;
  }
  return head.toString("latin1", 0, 2) === "MZ" ? ofPortableExecutable(head) : null;
}

/** @param {Buffer} head */
function ofPortableExecutable(head) {
  const place = head.readUInt32LE(0x3c);
  const inside = place + 6 <= head.length;
  return inside && head.toString("latin1", place, place + 4) === "PE\0\0"
    ? (PE[head.readUInt16LE(place + 4)] ?? UNKNOWN)
    : null;
}

/** @param {string} file */
function readHead(file) {
  const buffer = Buffer.alloc(HEAD_BYTES);
  const descriptor = fs.openSync(file, "r");
  try {
    return buffer.slice(0, fs.readSync(descriptor, buffer, 0, HEAD_BYTES, 0));
  } finally {
    fs.closeSync(descriptor);
  }
}

module.exports = { targetOf };
