"use strict";

/**
 * A user's hand on what no protocol reaches. Each message box is written down in the folder `hand`
 * of the home folder, and waits for an answer in a file beside it; an entry of the menu is pressed
 * when its name is in the file `entry` there. See hand.py.
 *
 * Only for tests: `electron … -r tests/e2e/hand.cjs electron/`.
 */

const fs = require("node:fs");
const path = require("node:path");
const { Menu, dialog } = require("electron");

const FOLDER = path.join(process.env["HOME"], "hand");
const ENTRY = path.join(FOLDER, "entry");
const PAUSE_MS = 20;
const PATIENCE_MS = 60000;

let count = 0;

/** Write a box down; return the file that its answer comes in. */
function show({ message, detail = "", buttons }) {
  count += 1;
  const file = path.join(FOLDER, String(count));
  fs.mkdirSync(FOLDER, { recursive: true });
  fs.writeFileSync(`${file}.partial`, JSON.stringify({ message, detail, buttons }));
  fs.renameSync(`${file}.partial`, `${file}.json`);
  return `${file}.answer`;
}

/** What is in a file, which is removed then; null while there is none. */
function take(file) {
  if (!fs.existsSync(file)) {
    return null;
  }
  const text = fs.readFileSync(file, "utf8");
  fs.unlinkSync(file);
  return text;
}

/** The number of the button that was pressed, or null while none is. */
function pressed(file, buttons) {
  const name = take(file);
  return name === null ? null : buttons.indexOf(name);
}

dialog.showMessageBox = async (...words) => {
  const { signal, cancelId, ...options } = words[words.length - 1];
  const file = show(options);
  let response = null;
  while (response === null) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    response = signal && signal.aborted ? cancelId : pressed(file, options.buttons);
  }
  return { response, checkboxChecked: false };
};

/** Where a file is saved: under the name that is offered, in the home folder. */
dialog.showSaveDialog = async (...words) => {
  const { title, defaultPath } = words[words.length - 1];
  const options = { message: title, buttons: ["Save", "Cancel"], cancelId: 1 };
  const { response } = await dialog.showMessageBox(options);
  const filePath = path.join(process.env["HOME"], path.basename(defaultPath));
  return { canceled: response === 1, filePath };
};

dialog.showMessageBoxSync = (...words) => {
  const { cancelId, ...options } = words[words.length - 1];
  const file = show(options);
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; waited < PATIENCE_MS; waited += PAUSE_MS) {
    const response = pressed(file, options.buttons);
    if (response !== null) {
      return response;
    }
    Atomics.wait(clock, 0, 0, PAUSE_MS);
  }
  return cancelId;
};

/** The entries of a menu and of those in it. */
function entries({ items }) {
  return items.flatMap((item) => (item.submenu ? entries(item.submenu) : [item]));
}

setInterval(() => {
  const name = take(ENTRY);
  if (name !== null) {
    entries(Menu.getApplicationMenu())
      .find(({ label }) => label === name)
      .click();
  }
}, PAUSE_MS);
