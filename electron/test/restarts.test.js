"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { PAUSES_MS, PERIOD_MS, decideRestart } = require("../lib/restarts");

/**
 * Return the pauses that follow crashes at `times`.
 *
 * @param {number[]} times
 * @param {number | null} [code]
 */
function pausesAfter(times, code = null) {
  /** @type {readonly number[]} */
  let crashes = [];
  return times.map((now) => {
    const decision = decideRestart(crashes, { now, code });
    crashes = decision.crashes;
    return decision.pause;
  });
}

test("three restarts with growing pauses, then none", () => {
  const [first, second, third, fourth] = pausesAfter([0, 1000, 2000, 3000]);
  assert.deepEqual([first, second, third], [...PAUSES_MS]);
  assert.ok(Number(first) < Number(second) && Number(second) < Number(third));
  assert.equal(fourth, null);
});

test("crashes long ago do not count", () => {
  const pauses = pausesAfter([0, 1, 2, PERIOD_MS, PERIOD_MS + 1, PERIOD_MS + 2, PERIOD_MS + 3]);
  const [first, second, third] = PAUSES_MS;
  assert.deepEqual(pauses, [first, second, third, third, third, third, null]);
});

test("one crash now and then is met with the shortest pause for ever", () => {
  const times = Array.from({ length: 50 }, (_, number) => number * PERIOD_MS);
  assert.deepEqual(new Set(pausesAfter(times)), new Set([PAUSES_MS[0]]));
});

test("the fourth within the period is one too many, just before its end", () => {
  assert.equal(pausesAfter([0, 1, 2, PERIOD_MS - 1])[3], null);
});

for (const code of [2, 3, 4, 5, 7, 8, 9, 10]) {
  test(`exit code ${code} would come again`, () => {
    assert.deepEqual(pausesAfter([0], code), [null]);
  });
}

for (const code of [null, 0, 1, 6, 11, 130, 137, 255, 3221225477]) {
  test(`exit code ${code} is a crash`, () => {
    assert.deepEqual(pausesAfter([0], code), [PAUSES_MS[0]]);
  });
}
