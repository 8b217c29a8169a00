"use strict";

/* A note that is being written is not left unasked: in a browser's tab and in a window alike. */

const form = document.querySelector(".note-form");

/* From a click on "Save" until the page is left for the answer, which happens at once. */
const SENDING_MS = 1000;
let sending = false;

/** Tell whether a field holds something else than when the page came. */
function isChanged(field) {
  if (field.type === "file") {
    return field.files.length > 0;
  }
  if (field.type === "checkbox") {
    return field.checked !== field.defaultChecked;
  }
  return field.value !== field.defaultValue;
}

/** Tell whether something is typed or chosen that no server has kept. */
function isUnsaved() {
  const fields = Array.from(form.querySelectorAll("input:not([type=hidden]), textarea"));
  return form.dataset.refused === "true" || fields.some(isChanged);
}

if (form !== null) {
  form.addEventListener("submit", () => {
    sending = true;
    setTimeout(() => {
      sending = false; // Still here: nothing was sent, or it is still on its way.
    }, SENDING_MS);
  });
  window.addEventListener("beforeunload", (event) => {
    if (!sending && isUnsaved()) {
      event.preventDefault();
      event.returnValue = ""; // browsers of before 2024
    }
  });
}
