"use strict";

/**
 * One server: a process, what it says, and how it is ended.
 */

const { EventEmitter } = require("node:events");

const { Alarm } = require("./alarm");
const { eventReader } = require("./events");
const { treeOptions } = require("./process_tree");
const { STOP_LINE } = require("./start_line");
const { Tail } = require("./tail");

/** @typedef {import("node:child_process").ChildProcess} ChildProcess */
/** @typedef {import("./effects").Effects} Effects */
/** @typedef {import("./failures").Ending} Ending */

/**
 * @typedef {object} Launch
 * @property {string} file the program
 * @property {readonly string[]} words its arguments
 * @property {string} folder that it starts in
 * @property {NodeJS.ProcessEnv} environment
 * @property {boolean} [aloud] whether its standard error is shown on ours as well
 * @property {boolean} [adopts] whether it can be given the socket that it listens on
 */

/** How long a dead server's last words may take, if somebody else holds its pipes open. */
const LAST_WORDS_MS = 500;

/** How long the system may take to end a process that it was told to end. */
const KILLED_MS = 5000;

/**
 * Emits "event" (`ServerEvent`) for what the server tells, "lost" once as soon as it cannot answer
 * any more, and "end" (`Ending`) once after all that, when there is nothing left of it.
 */
class ServerProcess extends EventEmitter {
  /**
   * @param {Launch} launch
   * @param {{ secrets: readonly string[], effects: Effects, descriptor?: number | null }} context
   *   secrets: not to be kept; descriptor: of a socket that it is given as number `SOCKET`
   */
  constructor(launch, { secrets, effects, descriptor = null }) {
    super();
    this.launch = launch;
    this.given = descriptor === null ? [] : [descriptor];
    this.effects = effects;
    this.tail = new Tail(secrets);
    /** @type {ChildProcess | null} */
    this.child = null;
    /** @type {Ending} */
    this.ending = { code: null, signal: null, error: null };
    this.lost = false;
    this.exited = false;
    this.ended = false;
    this.alarm = new Alarm(effects);
  }

  /** @returns {number | undefined} */
  get pid() {
    return this.child?.pid;
  }

  /**
   * Start the process. Failures are told by "end".
   *
   * @param {string} line the first of its standard input
   */
  start(line) {
    const { file, words, folder, environment } = this.launch;
    const { stdio, ...rest } = treeOptions(this.effects.platform);
    const options = { ...rest, stdio: [...stdio, ...this.given], cwd: folder, env: environment };
    try {
      this.child = this.effects.spawn(file, words, options);
    } catch (error) {
      process.nextTick(() => this.fail(/** @type {Error} */ (error)));
      return;
    }
    const { child } = this;
    child.on("error", (error) => this.fail(error));
    if (child.pid !== undefined) {
      this.listen(child, child.pid);
      child.stdin?.write(line);
    }
  }

  /** Ask the server to answer what it has been asked, and to end. */
  askToStop() {
    this.child?.stdin?.write(STOP_LINE);
  }

  /** Let the server think that the shell is gone: it ends within two seconds. */
  hangUp() {
    this.child?.stdin?.end();
  }

  /**
   * Ask all programs of the server to end.
   *
   * @returns {boolean} false where nobody can be asked
   */
  terminate() {
    if (this.pid !== undefined && !this.exited) {
      this.effects.askTree(this.pid);
    }
    return this.effects.platform !== "win32";
  }

  /** End all programs of the server. "end" follows soon, in any case. */
  kill() {
    if (this.pid !== undefined && !this.exited) {
      this.effects.killTree(this.pid);
      this.alarm.set(KILLED_MS, () => this.finish());
    }
  }

  /**
   * @param {ChildProcess} child
   * @param {number} pid
   */
  listen(child, pid) {
    const ignore = () => {};
    const onEvent = (/** @type {import("./events").ServerEvent} */ event) => {
      this.emit("event", event);
    };
    // A pipe breaks when its other end dies, which is told by "exit".
    child.stdin?.on("error", ignore);
    child.stdout?.on("error", ignore);
    child.stderr?.on("error", ignore);
    child.stdout?.on("data", eventReader({ onEvent, onGarbage: (bytes) => this.onGarbage(bytes) }));
    child.stderr?.on("data", (chunk) => this.tail.add(chunk));
    if (this.launch.aloud) {
      child.stderr?.pipe(process.stderr, { end: false });
    }
    child.stdout?.on("end", () => this.lose());
    child.on("exit", (code, signal) => {
      this.exited = true;
      this.ending = { code, signal, error: null };
      this.lose();
      this.effects.sweepTree(pid);
      this.alarm.set(LAST_WORDS_MS, () => this.finish());
    });
    child.on("close", () => this.finish());
  }

  /** @param {number} bytes */
  onGarbage(bytes) {
    this.tail.add(Buffer.from(`[${bytes} bytes on standard output are no event]\n`));
  }

  /** @param {Error} error of the start; a later one has nothing to do with the process's life */
  fail(error) {
    if (this.pid === undefined) {
      this.ending = { code: null, signal: null, error };
      this.finish();
    }
  }

  lose() {
    if (!this.lost) {
      this.lost = true;
      this.emit("lost");
    }
  }

  finish() {
    if (this.ended) {
      return;
    }
    this.ended = true;
    this.alarm.clear();
    this.lose();
    // What the server has left running may hold their other ends.
    this.child?.stdin?.destroy();
    this.child?.stdout?.destroy();
    this.child?.stderr?.destroy();
    this.emit("end", this.ending);
  }
}

exports.ServerProcess = ServerProcess;
