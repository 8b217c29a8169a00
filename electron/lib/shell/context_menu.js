"use strict";

/** The menu of the right mouse button: what is in it is a pure function of what was clicked. */

/**
 * @typedef {object} ContextActions
 * @property {(word: string) => void} replaceMisspelling
 * @property {(word: string) => void} addToDictionary
 * @property {(text: string) => void} copyText
 * @property {(url: string) => void} saveImage
 * @property {() => void} copyImage
 *
 * @typedef {Pick<Electron.ContextMenuParams, "isEditable" | "misspelledWord"
 *   | "dictionarySuggestions" | "selectionText" | "linkURL" | "mediaType" | "hasImageContents"
 *   | "srcURL" | "editFlags">} Clicked
 *
 * @typedef {Electron.MenuItemConstructorOptions} Item
 */

const MAIL = "mailto:";

/** @param {Clicked} clicked @param {ContextActions} actions @returns {Item[]} */
function spelling({ isEditable, misspelledWord, dictionarySuggestions }, actions) {
  if (!isEditable || misspelledWord === "") {
    return [];
  }
  /** @type {Item[]} */
  const suggestions = dictionarySuggestions.map((word) => ({
    label: word,
    click: () => actions.replaceMisspelling(word),
  }));
  return [
    ...(suggestions.length > 0 ? suggestions : [{ label: "No Suggestions", enabled: false }]),
    { label: "Add to Dictionary", click: () => actions.addToDictionary(misspelledWord) },
  ];
}

/** @param {Clicked} clicked @param {ContextActions} actions @returns {Item[]} */
function link({ linkURL }, actions) {
  if (linkURL === "") {
    return [];
  }
  const mail = linkURL.startsWith(MAIL);
  const text = mail ? (linkURL.slice(MAIL.length).split("?")[0] ?? "") : linkURL;
  const label = mail ? "Copy E-mail Address" : "Copy Link Address";
  return [{ label, click: () => actions.copyText(text) }];
}

/** @param {Clicked} clicked @param {ContextActions} actions @returns {Item[]} */
function image({ mediaType, hasImageContents, srcURL }, actions) {
  if (mediaType !== "image" || !hasImageContents) {
    return [];
  }
  return [
    { label: "Save Image As…", click: () => actions.saveImage(srcURL) },
    { label: "Copy Image", click: actions.copyImage },
  ];
}

/** @param {Clicked} clicked @returns {Item[]} */
function editing({ isEditable, selectionText, editFlags }) {
  if (isEditable) {
    return [
      { role: "cut", enabled: editFlags.canCut },
      { role: "copy", enabled: editFlags.canCopy },
      { role: "paste", enabled: editFlags.canPaste },
      { role: "pasteAndMatchStyle", enabled: editFlags.canPaste },
      { role: "selectAll", enabled: editFlags.canSelectAll },
    ];
  }
  return selectionText.trim() === "" ? [] : [{ role: "copy" }];
}

/** The template of the menu; empty where there is nothing to offer.
 * @param {Clicked} clicked @param {ContextActions} actions @returns {Item[]} */
function contextMenuTemplate(clicked, actions) {
  const groups = [
    spelling(clicked, actions),
    link(clicked, actions),
    image(clicked, actions),
    editing(clicked),
  ].filter((group) => group.length > 0);
  /** @type {Item[]} */
  const template = [];
  for (const group of groups) {
    if (template.length > 0) {
      template.push({ type: "separator" });
    }
    template.push(...group);
  }
  return template;
}

module.exports = { contextMenuTemplate };
