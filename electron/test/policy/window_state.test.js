"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const {
  SMALLEST,
  fitWindow,
  formatWindowState,
  parseWindowState,
} = require("../../lib/policy/window_state");

/** @param {number} x @param {number} y @param {number} width @param {number} height */
const area = (x, y, width, height) => ({ x, y, width, height });

const LAPTOP = { workArea: area(0, 25, 1440, 850) };
const RIGHT = { workArea: area(1440, 0, 2560, 1400) };
const LEFT = { workArea: area(-1920, 0, 1920, 1040) };
const TINY = { workArea: area(0, 0, 320, 200) };

/**
 * @type {[string, ReturnType<typeof area>, { workArea: ReturnType<typeof area> }[],
 *   Record<string, number>][]} what, remembered, displays, where it goes
 */
const CASES = [
  ["where it was", area(100, 125, 800, 600), [LAPTOP], area(100, 125, 800, 600)],
  ["on the second display", area(1500, 10, 800, 600), [LAPTOP, RIGHT], area(1500, 10, 800, 600)],
  ["left of the first", area(-1000, 10, 800, 600), [LAPTOP, LEFT], area(-1000, 10, 800, 600)],
  ["its display is gone", area(1500, 10, 800, 600), [LAPTOP], { width: 800, height: 600 }],
  ["far away", area(90000, -90000, 800, 600), [LAPTOP], { width: 800, height: 600 }],
  ["a sliver to be seen", area(1400, 100, 800, 600), [LAPTOP], { width: 800, height: 600 }],
  ["enough to be seen", area(1300, 100, 800, 600), [LAPTOP], area(640, 100, 800, 600)],
  ["its lower edge to be seen", area(100, 830, 800, 600), [LAPTOP], { width: 800, height: 600 }],
  ["over two, hardly left", area(1300, 100, 800, 600), [LAPTOP, RIGHT], area(1440, 100, 800, 600)],
  ["partly above", area(100, -200, 800, 600), [LAPTOP], area(100, 25, 800, 600)],
  ["partly left", area(-300, 100, 800, 600), [LAPTOP], area(0, 100, 800, 600)],
  ["too large", area(0, 25, 5000, 4000), [LAPTOP], area(0, 25, 1440, 850)],
  ["too small", area(100, 125, 130, 70), [LAPTOP], { ...area(100, 125, 0, 0), ...SMALLEST }],
  ["over two, mostly right", area(1340, 100, 800, 600), [LAPTOP, RIGHT], area(1440, 100, 800, 600)],
  ["over two, mostly left", area(740, 100, 800, 600), [LAPTOP, RIGHT], area(640, 100, 800, 600)],
  ["a display below the smallest size", area(0, 0, 800, 600), [TINY], area(0, 0, 320, 200)],
  ["no display at all", area(10, 10, 800, 600), [], { width: 800, height: 600 }],
];

for (const [what, bounds, displays, place] of CASES) {
  test(`a remembered window: ${what}`, () => {
    const remembered = { bounds, maximized: false, fullScreen: false };
    const expected = { ...place, maximized: false, fullScreen: false };
    assert.deepEqual(fitWindow(remembered, displays), expected);
  });
}

test("the first start has the usual size, in the middle", () => {
  const usual = { width: 1200, height: 800, maximized: false, fullScreen: false };
  assert.deepEqual(fitWindow(null, [LAPTOP, RIGHT]), usual);
  assert.deepEqual(fitWindow(null, [TINY]), { ...usual, width: 320, height: 200 });
  assert.deepEqual(fitWindow(null, []), usual);
});

test("what was maximized or full screen is again", () => {
  const bounds = area(1500, 10, 800, 600);
  const place = fitWindow({ bounds, maximized: true, fullScreen: true }, [LAPTOP]);
  assert.deepEqual(place, { width: 800, height: 600, maximized: true, fullScreen: true });
});

test("a state is read as it was written", () => {
  const state = { bounds: area(-5, 7, 800, 600), maximized: true, fullScreen: false };
  assert.deepEqual(parseWindowState(formatWindowState(state)), state);
});

const BAD_STATES = [
  "",
  "{",
  "null",
  "[]",
  "7",
  '"text"',
  "{}",
  '{"bounds": null}',
  '{"bounds": []}',
  '{"bounds": {"x": 0, "y": 0, "width": 800}}',
  '{"bounds": {"x": "0", "y": 0, "width": 800, "height": 600}}',
  '{"bounds": {"x": null, "y": 0, "width": 800, "height": 600}}',
  '{"bounds": {"x": 0.5, "y": 0, "width": 800, "height": 600}}',
  '{"bounds": {"x": 0, "y": 0, "width": 0, "height": 600}}',
  '{"bounds": {"x": 0, "y": 0, "width": 800, "height": -600}}',
  '{"bounds": {"x": 1e300, "y": 0, "width": 800, "height": 600}}',
  '{"bounds": {"x": 0, "y": -9007199254740991, "width": 800, "height": 600}}',
];

for (const text of BAD_STATES) {
  test(`no state: ${text}`, () => {
    assert.equal(parseWindowState(text), null);
  });
}

test("flags that are no flags are off, and unknown keys are left out", () => {
  const text =
    '{"bounds": {"x": 1, "y": 2, "width": 3, "height": 4, "z": 5}, "maximized": "yes", "more": 1}';
  const state = { bounds: area(1, 2, 3, 4), maximized: false, fullScreen: false };
  assert.deepEqual(parseWindowState(text), state);
});
