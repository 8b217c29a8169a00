"use strict";

/** The menu of the right mouse button, shown where it was pressed. */

const { BrowserWindow, Menu, clipboard } = require("electron");
const { contextMenuTemplate } = require("./context_menu");

/** @param {Electron.WebContents} contents */
function showContextMenu(contents) {
  contents.on("context-menu", (_event, clicked) => {
    const template = contextMenuTemplate(clicked, {
      replaceMisspelling: (word) => contents.replaceMisspelling(word),
      addToDictionary: (word) => contents.session.addWordToSpellCheckerDictionary(word),
      copyText: (text) => {
        clipboard.writeText(text);
      },
      saveImage: (url) => contents.downloadURL(url),
      copyImage: () => contents.copyImageAt(clicked.x, clicked.y),
    });
    const window = BrowserWindow.fromWebContents(contents);
    if (template.length > 0 && window !== null) {
      Menu.buildFromTemplate(template).popup({ window });
    }
  });
}

module.exports = { showContextMenu };
