"use strict";

/**
 * The shell's own log: a file that is begun anew when it is full, a few old ones beside it.
 */

const fs = require("node:fs");
const path = require("node:path");

const { maskSecrets } = require("./secrets");

const FILE_BYTES = 1000000;
const FILES_KEPT = 3;
const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/** A record is one line and shows what it holds: all control characters but tabs. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL_CHARACTERS = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/g;

/**
 * Writes at once, so that what led to a crash is there. Never throws: a log that cannot be written
 * costs the user nothing.
 */
class Log {
  /**
   * @param {string} file
   * @param {{ bytes?: number, kept?: number }} [limits] of one file, and how many old ones
   */
  constructor(file, { bytes = FILE_BYTES, kept = FILES_KEPT } = {}) {
    this.file = file;
    this.bytes = bytes;
    this.kept = kept;
    /** @type {string[]} */
    this.secrets = [];
  }

  /**
   * Never write `secret` from now on.
   *
   * @param {string} secret
   */
  hide(secret) {
    if (!this.secrets.includes(secret)) {
      this.secrets.push(secret);
    }
  }

  /** @param {string} message */
  info(message) {
    this.write("INFO", message);
  }

  /** @param {string} message */
  warning(message) {
    this.write("WARNING", message);
  }

  /** @param {string} message */
  error(message) {
    this.write("ERROR", message);
  }

  /**
   * @param {string} level
   * @param {string} message
   */
  write(level, message) {
    const line = maskSecrets(message, this.secrets).replace(/\r?\n/g, "\n    ");
    const text = line.split("\n").map((part) => part.replace(CONTROL_CHARACTERS, "?"));
    try {
      fs.mkdirSync(path.dirname(this.file), { recursive: true, mode: OWNER_ONLY_FOLDER });
      this.rotate();
      const record = `${new Date().toISOString()} ${level} ${process.pid} ${text.join("\n")}\n`;
      fs.appendFileSync(this.file, record, { mode: OWNER_ONLY_FILE });
    } catch {
      // There is nowhere left to say so.
    }
  }

  /** Put a full file aside, and drop the oldest. */
  rotate() {
    if (sizeOf(this.file) < this.bytes) {
      return;
    }
    for (let number = this.kept; number > 0; number -= 1) {
      const from = number === 1 ? this.file : `${this.file}.${number - 1}`;
      if (fs.existsSync(from)) {
        fs.renameSync(from, `${this.file}.${number}`);
      }
    }
  }
}

/** @param {string} file */
function sizeOf(file) {
  try {
    return fs.statSync(file).size;
  } catch {
    return 0;
  }
}

exports.Log = Log;
