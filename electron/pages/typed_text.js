"use strict";

/*
 * What was typed into a page, collected and filled in again. The shell runs this in a page of the
 * project, isolated from it: see lib/shell/typed_text.js. No page of the shell loads it.
 */

/** @typedef {import("../lib/shell/typed_text").Field} Field */

/** What is never collected: what is secret, what belongs to the page, and what does nothing. */
const NOT_COLLECTED = ["password", "hidden", "file", "submit", "reset", "button", "image"];
const CHECKED = ["checkbox", "radio"];
const SECRET = /password|one-time-code|\bcc-/;
const FIELDS = "input, textarea, select, [contenteditable]";

/** @param {Element} element */
function typeOf(element) {
  const { type } = /** @type {{ type?: string }} */ (/** @type {unknown} */ (element));
  return typeof type === "string" ? type : "contenteditable";
}

/** @param {Element} element */
function isCollected(element) {
  const field = /** @type {HTMLInputElement} */ (element);
  if (field.disabled || field.readOnly || NOT_COLLECTED.includes(typeOf(element))) {
    return false;
  }
  const purpose = `${element.getAttribute("autocomplete") || ""} ${field.name || ""} ${field.id}`;
  return !SECRET.test(purpose.toLowerCase());
}

/** What a field holds, as text.
 * @param {Element} element */
function valueOf(element) {
  if (element instanceof HTMLSelectElement) {
    return JSON.stringify(Array.from(element.selectedOptions, (option) => option.value));
  }
  const { checked, value } = /** @type {HTMLInputElement} */ (element);
  if (CHECKED.includes(typeOf(element))) {
    return String(checked);
  }
  return value === undefined ? element.textContent || "" : value;
}

/** What a field held when the page came.
 * @param {Element} element */
function originalOf(element) {
  if (element instanceof HTMLSelectElement) {
    const chosen = Array.from(element.options).filter((option) => option.defaultSelected);
    const first = element.multiple ? [] : Array.from(element.options).slice(0, 1);
    const options = chosen.length > 0 ? chosen : first;
    return JSON.stringify(options.map((option) => option.value));
  }
  const { defaultChecked, defaultValue } = /** @type {HTMLInputElement} */ (element);
  if (CHECKED.includes(typeOf(element))) {
    return String(defaultChecked);
  }
  return defaultValue === undefined ? "" : defaultValue;
}

/** Each field with what it is found by: its name, and which of that name it is in the page. */
function fieldsOfPage() {
  /** @type {Map<string, number>} */
  const counts = new Map();
  return Array.from(document.querySelectorAll(FIELDS), (element) => {
    const name = element.id || element.getAttribute("name") || "";
    const key = `${typeOf(element)} ${name}`;
    const index = counts.get(key) || 0;
    counts.set(key, index + 1);
    return { element, key, index };
  }).filter(({ element }) => isCollected(element));
}

/**
 * Return what was typed: the fields that hold something else than when the page came; all of them
 * where the page was the answer to a form, which has what was typed from the start.
 *
 * @param {boolean} all
 * @returns {{ fields: Field[], files: boolean }} files: whether any were chosen; they stay behind
 */
function collectText(all) {
  const changed = fieldsOfPage().filter(
    ({ element }) => all || valueOf(element) !== originalOf(element),
  );
  const fields = changed.map(({ element, key, index }) => ({ key, index, value: valueOf(element) }));
  const inputs = /** @type {NodeListOf<HTMLInputElement>} */ (
    document.querySelectorAll("input[type=file]")
  );
  return { fields, files: Array.from(inputs).some(({ files }) => (files || []).length > 0) };
}

/** @param {Element} element @param {string} value */
function fill(element, value) {
  const field = /** @type {HTMLInputElement} */ (element);
  if (element instanceof HTMLSelectElement) {
    const chosen = JSON.parse(value);
    for (const option of Array.from(element.options)) {
      option.selected = chosen.includes(option.value);
    }
  } else if (CHECKED.includes(typeOf(element))) {
    field.checked = value === "true";
  } else if (typeOf(element) === "contenteditable") {
    element.textContent = value;
  } else {
    field.value = value;
  }
  element.dispatchEvent(new Event("input", { bubbles: true }));
  element.dispatchEvent(new Event("change", { bubbles: true }));
}

/**
 * Fill in what was collected, as if it was typed.
 *
 * @param {Field[]} fields
 * @returns {string[]} what could not be filled in
 */
function fillInText(fields) {
  const present = fieldsOfPage();
  return fields
    .filter(({ key, index, value }) => {
      const found = present.find((field) => field.key === key && field.index === index);
      if (found !== undefined && valueOf(found.element) !== value) {
        fill(found.element, value);
      }
      return found === undefined || valueOf(found.element) !== value;
    })
    .map(({ value }) => value);
}

Reflect.set(window, "typedText", { collectText, fillInText });
