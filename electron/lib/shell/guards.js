"use strict";

/** Everything that stands between a page and the rest: put around every page, whoever made it. */

const { app } = require("electron");
const { handleCrashes } = require("./crashes");
const { guardNavigation } = require("./navigation_guards");
const { showContextMenu } = require("./page_menu");
const { rememberPage } = require("./posted_pages");
const { askBeforeLeaving } = require("./unsaved");

/**
 * To be called before the first window is made.
 *
 * @param {import("./navigation_guards").GuardOptions} options
 */
function guardEveryPage(options) {
  app.on("web-contents-created", (_event, contents) => {
    guardNavigation(contents, options);
    rememberPage(contents);
    handleCrashes(contents, options.log);
    askBeforeLeaving(contents);
    showContextMenu(contents);
  });
}

module.exports = { guardEveryPage };
