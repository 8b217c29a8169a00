"use strict";

const assert = require("node:assert/strict");
const { EventEmitter } = require("node:events");
const { test } = require("node:test");

const { standInForElectron } = require("./fixtures/electron");

const app = Object.assign(new EventEmitter(), { isFirst: true });
standInForElectron({ app: Object.assign(app, { requestSingleInstanceLock: () => app.isFirst }) });

const { bringToFront } = require("../lib/shell/front");
const { claimProfile } = require("../lib/shell/identity");

/** @type {[string, boolean, string[], number][]} what, whether it is the first, events, calls */
const CASES = [
  ["the first", true, [], 0],
  ["a second start", true, ["second-instance"], 1],
  ["macOS: a click on the icon in the Dock", true, ["activate"], 1],
  ["not the first", false, ["second-instance", "activate"], 0],
];

for (const [what, isFirst, events, expected] of CASES) {
  test(`the profile: ${what}`, () => {
    app.removeAllListeners();
    app.isFirst = isFirst;
    let calls = 0;
    const onSecondStart = () => {
      calls += 1;
    };
    assert.equal(claimProfile(onSecondStart), isFirst);
    events.forEach((event) => app.emit(event, {}, true));
    assert.equal(calls, expected);
  });
}

test("while there is no window yet, nothing comes to the front", () => {
  bringToFront(null);
});
