"use strict";

/**
 * What a server tells on standard output: one JSON object a line, as the runtime's `events.py`
 * writes them.
 */

/** @typedef {"starting" | "updating"} ServerPhase */
/**
 * @typedef {{ event: "progress", message: string, phase: ServerPhase, detail: string,
 *   fraction: number | null }} ProgressEvent detail: how far it is, for people; fraction: of 1
 * @typedef {{ event: "ready", url: string, port: number, proof: string, dataDir: string | null,
 *   log: string | null }} ReadyEvent
 * @typedef {{ event: "failed", message: string, log: string | null }} FailedEvent
 * @typedef {ProgressEvent | ReadyEvent | FailedEvent} ServerEvent
 */

/** No event comes near it. */
const LONGEST_LINE = 262144;
const LINE_END = 0x0a;

/** @type {Readonly<Record<string, (content: Record<string, unknown>) => ServerEvent | null>>} */
const READERS = Object.freeze({ progress, ready, failed });

/**
 * Return a function to call with each piece of standard output. It calls `onEvent` for each event,
 * and `onGarbage` with the length in bytes of each line that is none.
 *
 * @param {{ onEvent: (event: ServerEvent) => void, onGarbage: (bytes: number) => void }} handlers
 * @returns {(chunk: Buffer) => void}
 */
function eventReader({ onEvent, onGarbage }) {
  /** @type {Buffer[]} */
  let pieces = [];
  let length = 0;
  const keep = (/** @type {Buffer} */ piece) => {
    length += piece.length;
    if (length <= LONGEST_LINE) {
      pieces.push(piece);
    } else {
      pieces = [];
    }
  };
  const finish = () => {
    const event = parseEvent(Buffer.concat(pieces).toString());
    const bytes = length;
    pieces = [];
    length = 0;
    if (event !== null) {
      onEvent(event);
    } else if (bytes > 0) {
      onGarbage(bytes);
    }
  };
  return (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(LINE_END); end !== -1; end = chunk.indexOf(LINE_END, start)) {
      keep(chunk.slice(start, end));
      finish();
      start = end + 1;
    }
    keep(chunk.slice(start));
  };
}

/**
 * Return the event that `line` holds, or null.
 *
 * @param {string} line
 * @returns {ServerEvent | null}
 */
function parseEvent(line) {
  let content;
  try {
    content = JSON.parse(line);
  } catch {
    return null;
  }
  const known = typeof content?.event === "string" && Object.keys(READERS).includes(content.event);
  return known ? (READERS[content.event]?.(content) ?? null) : null;
}

/**
 * @param {Record<string, unknown>} content
 * @returns {ProgressEvent | null}
 */
function progress({ message, phase, detail, done, total }) {
  if (typeof message !== "string") {
    return null;
  }
  return {
    event: "progress",
    message,
    phase: phase === "updating" ? "updating" : "starting",
    detail: textOr(detail, ""),
    fraction: fractionOf(Number(done), Number(total)),
  };
}

/**
 * @param {number} done
 * @param {number} total
 * @returns {number | null} from 0 to 1; null where it is not known
 */
function fractionOf(done, total) {
  const fraction = done / total;
  return total > 0 && fraction >= 0 ? Math.min(fraction, 1) : null;
}

/**
 * @param {Record<string, unknown>} content
 * @returns {ReadyEvent} one without its url or port says so by what no server has
 */
function ready({ url, port, proof, data_dir: dataDir, log }) {
  return {
    event: "ready",
    url: textOr(url, ""),
    port: Number.isInteger(port) ? Number(port) : 0,
    proof: textOr(proof, ""),
    dataDir: textOr(dataDir, null),
    log: textOr(log, null),
  };
}

/**
 * @param {Record<string, unknown>} content
 * @returns {FailedEvent | null}
 */
function failed({ message, log }) {
  return typeof message === "string" ? { event: "failed", message, log: textOr(log, null) } : null;
}

/**
 * @template T
 * @param {unknown} value
 * @param {T} otherwise
 * @returns {string | T}
 */
function textOr(value, otherwise) {
  return typeof value === "string" ? value : otherwise;
}

module.exports = { eventReader, parseEvent };
