"use strict";

/**
 * Keeps one server running: started, proved, started again after a crash, stopped with patience.
 */

const { EventEmitter } = require("node:events");

const { Alarm } = require("./alarm");
const { EFFECTS } = require("./effects");
const { messageOf } = require("./errors");
const failures = require("./failures");
const { PATIENCE, stopPatiently } = require("./patience");
const { decideRestart } = require("./restarts");
const { ServerProcess } = require("./server_process");
const { isProven, newSecret, startLine } = require("./start_line");
const { nextState } = require("./states");

/** @typedef {import("./events").ServerEvent} ServerEvent */
/** @typedef {import("./events").ReadyEvent} ReadyEvent */
/** @typedef {import("./failures").Ending} Ending */

const TAIL_LINES = 40;

/**
 * Emits
 * - "state" (state): for whoever likes to watch
 * - "status" ({ message, phase, detail, fraction }): something to show while it starts, or starts
 *   again; the last two only where the server tells how far it is
 * - "ready" ({ url, dataDir, log, restarted }): the server is the one that was started, and serves
 * - "lost" (): it serves no more, and was not asked to stop
 * - "failed" ({ message, tail, log }): it does not run and is not tried again, but by `retry`
 * - "stopped" (ending): it was asked to stop, and has; without an ending if none was running
 *
 * The token may be sent to `origin` while `isReady`, which is over before "lost" is emitted. Where
 * a port is `held`, no other program gets it meanwhile.
 */
class Supervisor extends EventEmitter {
  /**
   * @param {object} options
   * @param {() => import("./server_process").Launch} options.launch called for each start; may
   *   throw, best a `ShellError`
   * @param {string} options.dataDir
   * @param {import("./log").Log} [options.log]
   * @param {Partial<import("./patience").Patience>} [options.patience]
   * @param {Partial<import("./effects").Effects>} [options.effects]
   */
  constructor({ launch, dataDir, log, patience, effects }) {
    super();
    this.launch = launch;
    this.dataDir = dataDir;
    this.log = log;
    this.patience = { ...PATIENCE, ...patience };
    this.effects = { ...EFFECTS, ...effects };
    this.alarm = new Alarm(this.effects);
    this.token = "";
    /** @type {import("./held_port").HeldPort | null} */
    this.held = null;
    /** @type {import("./states").State} */
    this.state = "idle";
    this.isReady = false;
    /** @type {string | null} of the last server that was ready */
    this.origin = null;
    /** @type {Set<number>} of all servers that were ready */
    this.ports = new Set();
    /** @type {ServerProcess | null} */
    this.server = null;
    /** Whether one was ready since `start` or `retry`: only then is a crash followed by a restart. */
    this.hasServed = false;
    this.nonce = "";
    this.port = 0;
    /** @type {string} of the server's start */
    this.phase = "starting";
    /** When a server said something last, on the clock of `effects`. */
    this.lastWord = 0;
    /** @type {string | null} the server's own */
    this.serverLog = null;
    /** @type {{ message: string, final: boolean } | null} final: not to be tried again */
    this.verdict = null;
    /** @type {readonly number[]} */
    this.crashes = [];
    /** @type {Promise<void> | null} */
    this.stopped = null;
  }

  /** Start the server. Once; later calls do nothing. */
  start() {
    if (this.state === "idle" && this.act("start")) {
      this.launchServer("Starting…");
    }
  }

  /** Try again after "failed". Does nothing at other times. */
  retry() {
    if (this.act("retry")) {
      this.crashes = [];
      this.hasServed = false;
      this.launchServer("Starting…");
    }
  }

  /**
   * Stop the server, and be done. Can be called at any time, and again.
   *
   * @param {{ reason?: import("./patience").StopReason }} [options]
   * @returns {Promise<void>} fulfilled when there is no server left
   */
  stop({ reason = "quit" } = {}) {
    this.stopped = this.stopped ?? new Promise((resolve) => this.once("stopped", resolve));
    if (this.act("stop")) {
      this.isReady = false;
      this.alarm.clear();
      this.stopServer(reason);
    } else if (reason === "session-end") {
      this.server?.hangUp();
    }
    return this.stopped;
  }

  /** @param {import("./patience").StopReason} reason */
  stopServer(reason) {
    const { server, patience, alarm, effects } = this;
    if (server === null) {
      this.act("end");
      this.letPortGo();
      this.emit("stopped");
      return;
    }
    const said = { phase: () => this.phase, lastWord: () => this.lastWord };
    stopPatiently(server, { reason, ...said, patience, alarm, now: effects.now });
  }

  /** End the server at once and without a word, as the shell's own last act. */
  killNow() {
    this.act("stop");
    this.isReady = false;
    this.alarm.clear();
    this.server?.kill();
  }

  /**
   * @param {import("./states").Action} action
   * @returns {boolean} whether it means anything now
   */
  act(action) {
    const state = nextState(this.state, action);
    if (state === null) {
      return false;
    }
    this.state = state;
    this.log?.info(`supervisor: ${action}, ${state}`);
    this.emit("state", state);
    return true;
  }

  /** @param {string} message */
  launchServer(message) {
    this.chooseToken();
    this.nonce = newSecret();
    this.log?.hide(this.nonce);
    this.phase = "starting";
    this.verdict = null;
    this.emit("status", { message, phase: this.phase });
    if (this.state !== "starting") {
      return;
    }
    const { token, nonce, dataDir, port, effects } = this;
    try {
      const launch = this.launch();
      const descriptor = this.holdPort(launch);
      const line = startLine({ token, nonce, dataDir, port, held: descriptor !== null });
      const server = new ServerProcess(launch, { secrets: [token, nonce], effects, descriptor });
      this.server = server;
      server.on("event", (event) => this.onEvent(event));
      server.on("lost", () => this.onLost());
      server.on("end", (ending) => this.onEnd(server, ending));
      server.start(line);
    } catch (error) {
      this.fail(messageOf(error), "");
      return;
    }
    this.waitForWord();
  }

  /**
   * A server whose port was not held may have left it to another program, and with it requests that
   * were under way: their token opens nothing any more.
   */
  chooseToken() {
    if (this.held === null) {
      this.token = newSecret();
      this.log?.hide(this.token);
    }
  }

  /**
   * Hold a port from now on, if none is held.
   *
   * @param {import("./server_process").Launch} launch
   * @returns {number | null} the descriptor to give to the server
   */
  holdPort({ adopts = false }) {
    if (adopts && this.held === null) {
      this.held = this.effects.holdPort({ last: this.port, dataDir: this.dataDir });
    }
    return this.held?.descriptor ?? null;
  }

  /** @param {number} [but] a port that is held on to */
  letPortGo(but) {
    if (this.held !== null && this.held.port !== but) {
      this.held.close();
      this.held = null;
    }
  }

  /** @param {ServerEvent} event */
  onEvent(event) {
    if (event.event === "failed") {
      this.serverLog = event.log ?? this.serverLog;
      this.verdict = this.verdict ?? { message: event.message, final: false };
      if (this.state === "starting") {
        this.alarm.set(this.patience.failed, () => this.server?.kill());
      }
    } else if (event.event === "ready") {
      this.onReady(event);
    } else {
      this.phase = event.phase;
      this.lastWord = this.effects.now();
      if (event.fraction === null) {
        this.log?.info(`server: ${event.message}`);
      }
      if (this.state === "starting") {
        this.waitForWord();
      }
      const { message, phase, detail, fraction } = event;
      this.emit("status", { message, phase, detail, fraction });
    }
  }

  /** @param {ReadyEvent} event */
  onReady(event) {
    if (this.state !== "starting" || this.verdict !== null) {
      return;
    }
    if (!isProven(event, this)) {
      this.giveUp(failures.unproven());
      return;
    }
    this.alarm.clear();
    const restarted = this.origin !== null;
    this.hasServed = true;
    this.port = event.port;
    this.letPortGo(event.port); // It listens on another, for whatever reason.
    this.ports.add(event.port);
    this.origin = new URL(event.url).origin;
    this.serverLog = event.log;
    this.phase = "starting";
    this.isReady = true;
    this.act("ready");
    const dataDir = event.dataDir ?? this.dataDir;
    this.emit("ready", { url: event.url, dataDir, log: event.log, restarted });
  }

  onLost() {
    if (this.isReady) {
      this.isReady = false;
      this.emit("lost");
    }
  }

  /**
   * @param {ServerProcess} server
   * @param {Ending} ending
   */
  onEnd(server, ending) {
    this.server = null;
    this.alarm.clear();
    const { code, signal, error } = ending;
    this.log?.info(
      `server: ended, code ${code}, signal ${signal}, error ${error?.message ?? null}`,
    );
    const tail = `${server.tail.text(TAIL_LINES)}\n${failures.howItEnded(ending)}`.trim();
    if (this.act("end")) {
      this.letPortGo();
      this.emit("stopped", ending);
    } else if (this.verdict?.final || !this.hasServed) {
      this.fail(this.verdict?.message ?? failures.endedEarly(ending, server.launch.file), tail);
    } else {
      this.onCrash(ending, tail);
    }
  }

  /**
   * @param {Ending} ending
   * @param {string} tail
   */
  onCrash(ending, tail) {
    const now = this.effects.now();
    const { pause, crashes } = decideRestart(this.crashes, { now, code: ending.code });
    this.crashes = crashes;
    this.log?.warning(`server: crash ${crashes.length}\n${tail}`);
    if (pause === null) {
      this.fail(this.verdict?.message ?? failures.endedTooOften(crashes.length), tail);
      return;
    }
    this.act("crash");
    const message = "The application stopped and is being started again…";
    this.emit("status", { message, phase: "starting" });
    if (this.state === "waiting") {
      this.alarm.set(pause, () => this.act("start") && this.launchServer(message));
    }
  }

  /**
   * @param {string} message
   * @param {string} tail
   */
  fail(message, tail) {
    this.act("fail");
    this.log?.error(`${message}\n${tail}`);
    this.emit("failed", { message, tail, log: this.serverLog });
  }

  /**
   * End a server that starts, for good.
   *
   * @param {string} message
   */
  giveUp(message) {
    this.verdict = { message, final: true };
    this.alarm.clear();
    this.server?.kill();
  }

  waitForWord() {
    const silence = this.phase === "updating" ? this.patience.updating : this.patience.starting;
    this.alarm.set(silence, () => this.giveUp(failures.silent(silence)));
  }
}

exports.Supervisor = Supervisor;
