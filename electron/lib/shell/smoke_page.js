"use strict";

/** The first page, in a window that nobody sees. */

const { BrowserWindow, session } = require("electron");
const { mark } = require("./phases");
const { webPreferences } = require("./web_preferences");

const FAILED_STATUS = 400;

/** What a page cannot do without. Pictures it can. */
const NEEDED = Object.freeze(["mainFrame", "stylesheet", "script"]);

/** The page is loaded by then; how long until it is painted is only measured. */
const PAINT_MS = 5000;

const QUESTION =
  "({ title: document.title, elements: document.body.querySelectorAll('*').length })";

/**
 * @typedef {object} SeenPage
 * @property {number} status of HTTP
 * @property {string} title
 * @property {number} elements how many its body holds
 * @property {boolean} painted
 * @property {string[]} failed addresses of what it needs and did not get
 */

/**
 * Load a page and look at it.
 *
 * @param {string} url
 * @param {string} version the application's
 * @returns {Promise<SeenPage>}
 * @throws {Error} if it does not load
 */
async function lookAt(url, version) {
  const failed = watchAnswers(session.defaultSession);
  const window = new BrowserWindow({
    show: false,
    webPreferences: { ...webPreferences(version), disableDialogs: true },
  });
  const { webContents: contents } = window;
  let status = 0;
  contents.on("did-navigate", (_event, _address, code) => {
    status = code;
  });
  const gone = new Promise((_resolve, reject) => {
    contents.on("render-process-gone", (_event, { reason }) =>
      reject(new Error(`The page's process is gone: ${reason}`)),
    );
  });
  const painted = new Promise((resolve) => {
    window.once("ready-to-show", () => {
      mark("painted");
      resolve(true);
    });
  });
  await Promise.race([window.loadURL(url), gone]);
  mark("page");
  const { title, elements } = await Promise.race([contents.executeJavaScript(QUESTION), gone]);
  const late = new Promise((resolve) => setTimeout(() => resolve(false), PAINT_MS));
  return { status, title, elements, painted: await Promise.race([painted, late]), failed };
}

/**
 * Collect the addresses of what fails.
 *
 * @param {Electron.Session} own
 */
function watchAnswers(own) {
  /** @type {string[]} */
  const failed = [];
  own.webRequest.onCompleted(({ url, statusCode, resourceType }) => {
    if (statusCode >= FAILED_STATUS && NEEDED.includes(resourceType)) {
      failed.push(`${statusCode} ${new URL(url).pathname}`);
    }
  });
  return failed;
}

module.exports = { lookAt };
