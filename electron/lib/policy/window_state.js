"use strict";

/**
 * Where the window was, and where it fits now that a screen may be gone.
 */

/** @typedef {{ x: number, y: number, width: number, height: number }} Rectangle pixels */
/** @typedef {{ workArea: Rectangle }} Display what Electron's `screen` gives */
/** @typedef {{ bounds: Rectangle, maximized: boolean, fullScreen: boolean }} WindowState */
/**
 * @typedef {object} WindowPlace
 * @property {number} [x] missing: in the middle
 * @property {number} [y]
 * @property {number} width
 * @property {number} height
 * @property {boolean} maximized
 * @property {boolean} fullScreen
 */

const USUAL = Object.freeze({ width: 1200, height: 800 });
const SMALLEST = Object.freeze({ width: 480, height: 360 });

/** A position is kept if this much of the window can still be seen, enough to take hold of it. */
const VISIBLE = Object.freeze({ width: 120, height: 60 });

/** Chromium and the window systems count in 32 bits. */
const LARGEST_COORDINATE = 1000000;

/**
 * Return the state that `text`, the content of the remembered file, holds; null if it holds none.
 *
 * @param {string} text
 * @returns {WindowState | null}
 */
function parseWindowState(text) {
  let content;
  try {
    content = JSON.parse(text);
  } catch {
    return null;
  }
  const bounds = content?.bounds;
  const numbers = [bounds?.x, bounds?.y, bounds?.width, bounds?.height];
  if (!numbers.every(isCoordinate) || bounds.width < 1 || bounds.height < 1) {
    return null;
  }
  const { x, y, width, height } = bounds;
  const { maximized, fullScreen } = content;
  const flags = { maximized: maximized === true, fullScreen: fullScreen === true };
  return { bounds: { x, y, width, height }, ...flags };
}

/**
 * Return the text that `parseWindowState` reads.
 *
 * @param {WindowState} state
 */
function formatWindowState({ bounds: { x, y, width, height }, maximized, fullScreen }) {
  return `${JSON.stringify({ bounds: { x, y, width, height }, maximized, fullScreen }, null, 2)}\n`;
}

/**
 * Return where the window goes: where it was, as far as the displays of today allow.
 *
 * @param {WindowState | null} remembered
 * @param {readonly Display[]} displays the first is the one for a window without a place
 * @returns {WindowPlace}
 */
function fitWindow(remembered, displays) {
  const flags = {
    maximized: remembered?.maximized ?? false,
    fullScreen: remembered?.fullScreen ?? false,
  };
  const areas = displays.map((display) => display.workArea);
  const wanted = remembered?.bounds;
  const home = wanted && areas.filter((area) => isVisible(wanted, area)).sort(byShareOf(wanted))[0];
  if (wanted && home) {
    return { ...moveInto(wanted, home), ...flags };
  }
  return { ...limit(wanted ?? USUAL, areas[0] ?? USUAL), ...flags };
}

/** @param {unknown} value */
function isCoordinate(value) {
  return Number.isInteger(value) && Math.abs(Number(value)) <= LARGEST_COORDINATE;
}

/**
 * @param {Rectangle} wanted
 * @param {Rectangle} area
 * @returns {{ width: number, height: number }} of the part of `wanted` in `area`; negative: none
 */
function overlap(wanted, area) {
  const right = Math.min(wanted.x + wanted.width, area.x + area.width);
  const bottom = Math.min(wanted.y + wanted.height, area.y + area.height);
  return { width: right - Math.max(wanted.x, area.x), height: bottom - Math.max(wanted.y, area.y) };
}

/**
 * @param {Rectangle} wanted
 * @param {Rectangle} area
 */
function isVisible(wanted, area) {
  const { width, height } = overlap(wanted, area);
  return width >= VISIBLE.width && height >= VISIBLE.height;
}

/**
 * Return how to order areas by how much of `wanted` they show, the most first.
 *
 * @param {Rectangle} wanted
 * @returns {(one: Rectangle, other: Rectangle) => number}
 */
function byShareOf(wanted) {
  const share = (/** @type {Rectangle} */ area) => {
    const { width, height } = overlap(wanted, area);
    return width * height;
  };
  return (one, other) => share(other) - share(one);
}

/**
 * @param {{ width: number, height: number }} wanted
 * @param {{ width: number, height: number }} area
 * @returns {{ width: number, height: number }} not below the smallest, not above the area
 */
function limit(wanted, area) {
  return {
    width: Math.min(Math.max(wanted.width, SMALLEST.width), area.width),
    height: Math.min(Math.max(wanted.height, SMALLEST.height), area.height),
  };
}

/**
 * @param {Rectangle} wanted
 * @param {Rectangle} area
 * @returns {Rectangle} all of it inside `area`
 */
function moveInto(wanted, area) {
  const size = limit(wanted, area);
  const x = Math.min(Math.max(wanted.x, area.x), area.x + area.width - size.width);
  const y = Math.min(Math.max(wanted.y, area.y), area.y + area.height - size.height);
  return { x, y, ...size };
}

module.exports = { SMALLEST, parseWindowState, formatWindowState, fitWindow };
