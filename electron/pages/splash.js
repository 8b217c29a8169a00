"use strict";

const bridge = /** @type {import("../lib/shell/types").ShellBridge} */ (
  Reflect.get(window, "djdeskShell")
);

/** How long a start may take before the page offers to look at the logs or to give up. */
const PATIENCE_MS = 12000;

const UPDATING_HINT = "Please leave the computer on until this is done.";

/** @param {string} id */
function element(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** Text is only set when it changes, so that a screen reader says it once.
 * @param {string} id @param {string} text */
function say(id, text) {
  if (element(id).textContent !== text) {
    element(id).textContent = text;
  }
}

/** The bar shows how far it is, where that is known and something is done, else that it goes on.
 * @param {number | null} fraction */
function showFraction(fraction) {
  const track = element("track");
  const measured = fraction !== null && fraction > 0;
  track.classList.toggle("measured", measured);
  element("runner").style.width = measured ? `${fraction * 100}%` : "";
  if (!measured) {
    track.removeAttribute("aria-valuenow");
  } else {
    track.setAttribute("aria-valuenow", String(Math.floor(fraction * 100)));
  }
}

/** @param {import("../lib/shell/types").ShellStatus} status */
function show(status) {
  document.title = status.name;
  say("name", status.name);
  say("message", status.message);
  say("detail", status.detail);
  showFraction(status.fraction);
  say("hint", status.phase === "updating" ? UPDATING_HINT : "");
}

bridge.onStatus(show);
element("mark").addEventListener("error", () => element("mark").remove());
element("logs").addEventListener("click", () => bridge.openLogs());
element("quit").addEventListener("click", () => bridge.quit());
setTimeout(() => {
  element("actions").hidden = false;
}, PATIENCE_MS);
