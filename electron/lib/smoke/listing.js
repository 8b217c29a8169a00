"use strict";

/**
 * `files.tsv`: every file of a bundle with its mode, size and digest, or a link with its target.
 */

const LINE = /^(?:(644|755)\t(\d+)\t([0-9a-f]{64})|link\t0\t->([^\t]+))\t([^\t]+)$/;

/**
 * @typedef {object} Entry
 * @property {string} path with slashes
 * @property {boolean} executable
 * @property {number} size in bytes; 0 for a link
 * @property {string} digest SHA-256 in hex; empty for a link
 * @property {string | null} target of a link, else null
 */

/**
 * Read the text of a listing.
 *
 * @param {string} text
 * @returns {Entry[]}
 * @throws {RangeError} naming the first line that is none
 */
function parseListing(text) {
  const lines = text.split("\n");
  if (lines.pop() !== "") {
    throw new RangeError(`line ${lines.length + 1} has no end`);
  }
  return lines.map((line, index) => {
    const [whole, mode, size, digest, target, name] = LINE.exec(line) ?? [];
    if (whole === undefined || name === undefined) {
      throw new RangeError(`line ${index + 1} is not one of a listing`);
    }
    return {
      path: name,
      executable: mode === "755",
      size: Number(size ?? 0),
      digest: digest ?? "",
      target: target ?? null,
    };
  });
}

module.exports = { parseListing };
