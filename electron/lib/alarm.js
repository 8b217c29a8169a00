"use strict";

/**
 * A clock that rings for one thing at a time: what is set takes the place of what was set before.
 */
class Alarm {
  /** @param {Pick<import("./effects").Effects, "setTimeout" | "clearTimeout">} effects */
  constructor(effects) {
    this.effects = effects;
    /** @type {any} */
    this.timer = undefined;
  }

  /**
   * @param {number} milliseconds
   * @param {() => void} work
   */
  set(milliseconds, work) {
    this.clear();
    this.timer = this.effects.setTimeout(work, milliseconds);
  }

  clear() {
    this.effects.clearTimeout(this.timer);
    this.timer = undefined;
  }
}

exports.Alarm = Alarm;
