"use strict";

/** The colour of a window before its page has painted: without it, a dark screen flashes white. */

const { nativeTheme } = require("electron");

// As --page in pages/shell.css.
const LIGHT = "#f5f5f2";
const DARK = "#151817";

function backgroundColor() {
  return nativeTheme.shouldUseDarkColors ? DARK : LIGHT;
}

module.exports = { backgroundColor };
