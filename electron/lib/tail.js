"use strict";

/**
 * The last lines that a server printed, for the failure page.
 */

const { StringDecoder } = require("node:string_decoder");

const { maskSecrets } = require("./secrets");

const LINES = 200;
const LONGEST_LINE = 2000;

class Tail {
  /**
   * @param {readonly string[]} secrets that must not be kept
   */
  constructor(secrets) {
    this.secrets = secrets;
    this.decoder = new StringDecoder("utf8");
    /** @type {string[]} */
    this.lines = [];
    this.open = "";
  }

  /**
   * Add a piece of output, which may begin and end anywhere, also inside a character or a secret.
   *
   * @param {Buffer} chunk
   */
  add(chunk) {
    const text = this.open + this.decoder.write(chunk);
    const lines = maskSecrets(text, this.secrets).split(/\r\n|\n/);
    this.open = shortenOpen(lines.pop() ?? "", this.secrets);
    const shortened = lines.map((line) => line.slice(0, LONGEST_LINE));
    this.lines = [...this.lines, ...shortened].slice(-LINES);
  }

  /**
   * Return the last `count` lines.
   *
   * @param {number} [count]
   * @returns {string}
   */
  text(count = LINES) {
    const lines = this.open === "" ? this.lines : [...this.lines, this.open.slice(0, LONGEST_LINE)];
    return lines.slice(-count).join("\n");
  }
}

/**
 * Return as much of a line that does not end as is needed, whatever follows: what is shown of it,
 * and the rest of a secret that begins in there.
 *
 * @param {string} line with its secrets masked
 * @param {readonly string[]} secrets
 */
function shortenOpen(line, secrets) {
  return line.slice(0, LONGEST_LINE + Math.max(0, ...secrets.map((secret) => secret.length)));
}

exports.Tail = Tail;
