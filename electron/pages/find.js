"use strict";

const bridge = /** @type {import("../lib/shell/types").FindBridge} */ (
  Reflect.get(window, "djdeskFind")
);

const form = /** @type {HTMLFormElement} */ (document.getElementById("find"));
const input = /** @type {HTMLInputElement} */ (document.getElementById("text"));
const count = /** @type {HTMLOutputElement} */ (document.getElementById("count"));

/** @param {boolean} forward @param {boolean} again whether the text is that of the last search */
function search(forward, again) {
  if (input.value === "") {
    count.textContent = "";
  }
  bridge.search({ text: input.value, forward, again });
}

bridge.onFound(({ active, matches }) => {
  if (input.value !== "") {
    count.textContent = matches === 0 ? "No matches" : `${active} of ${matches}`;
  }
});
input.addEventListener("input", () => search(true, false));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  search(true, true);
});
form.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    bridge.close();
  } else if (event.key === "Enter" && event.shiftKey) {
    event.preventDefault();
    search(false, true);
  }
});
/** @type {HTMLElement} */ (document.getElementById("previous")).addEventListener("click", () => search(false, true));
/** @type {HTMLElement} */ (document.getElementById("close")).addEventListener("click", () => bridge.close());
window.addEventListener("focus", () => input.select());
