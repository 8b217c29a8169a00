"use strict";

const bridge = /** @type {import("../lib/shell/types").ShellBridge} */ (
  Reflect.get(window, "djdeskShell")
);

/** @param {string} id */
function element(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** Split a failure's text, "what", "Reason: why", "What to do: next", into its parts.
 * A line that starts no part belongs to the one before it.
 * @param {string} message */
function parts(message) {
  const found = { what: "", why: "", next: "" };
  /** @type {"what" | "why" | "next"} */
  let current = "what";
  for (const line of message.split("\n")) {
    let text = line;
    if (line.startsWith("Reason: ")) {
      current = "why";
      text = line.slice("Reason: ".length);
    } else if (line.startsWith("What to do: ")) {
      current = "next";
      text = line.slice("What to do: ".length);
    }
    found[current] += found[current] ? `\n${text}` : text;
  }
  return found;
}

/** @param {string} id @param {string} text */
function showRow(id, text) {
  element(id).textContent = text;
  element(`${id}-row`).hidden = text === "";
}

/** @param {import("../lib/shell/types").ShellStatus} status */
function show(status) {
  if (status.phase !== "failed") {
    return;
  }
  const { what, why, next } = parts(status.message);
  document.title = status.name;
  element("name").textContent = status.name;
  showRow("support", status.support);
  element("what").textContent = what;
  showRow("why", why);
  showRow("next", next);
  element("log").hidden = status.tail === "";
  element("tail").textContent = status.tail;
  element("tail").scrollTop = element("tail").scrollHeight;
  element("file").textContent = status.log;
  /** @type {HTMLButtonElement} */ (element("retry")).disabled = false;
}

bridge.onStatus(show);
element("retry").addEventListener("click", (event) => {
  /** @type {HTMLButtonElement} */ (event.currentTarget).disabled = true;
  bridge.retry();
});
element("diagnostics").addEventListener("click", async (event) => {
  const button = /** @type {HTMLButtonElement} */ (event.currentTarget);
  button.disabled = true;
  await bridge.saveDiagnostics().catch(() => undefined);
  button.disabled = false;
});
element("support").addEventListener("click", () => bridge.support());
element("mark").addEventListener("error", () => element("mark").remove());
element("logs").addEventListener("click", () => bridge.openLogs());
element("quit").addEventListener("click", () => bridge.quit());
element("what").focus();
