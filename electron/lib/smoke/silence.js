"use strict";

/** No dialog waits for somebody who is not there: what would be shown is a problem instead. */

/**
 * @param {Record<string, any>} dialog Electron's own object
 * @param {(problem: string) => void} blame
 */
function silenceDialogs(dialog, blame) {
  const told = (/** @type {unknown[]} */ words) =>
    blame(`A dialog would have been shown: ${words.map(describe).filter(Boolean).join(": ")}`);
  const ANSWERS = {
    showErrorBox: undefined,
    showMessageBoxSync: 0,
    showMessageBox: Promise.resolve({ response: 0, checkboxChecked: false }),
    showOpenDialogSync: undefined,
    showOpenDialog: Promise.resolve({ canceled: true, filePaths: [] }),
    showSaveDialogSync: undefined,
    showSaveDialog: Promise.resolve({ canceled: true, filePath: "" }),
  };
  for (const [name, answer] of Object.entries(ANSWERS)) {
    dialog[name] = (/** @type {unknown[]} */ ...words) => {
      told(words);
      return answer;
    };
  }
}

/** @param {unknown} word */
function describe(word) {
  if (typeof word === "string") {
    return word;
  }
  const { message, title } = Object(word);
  return message ?? title ?? "";
}

module.exports = { silenceDialogs };
