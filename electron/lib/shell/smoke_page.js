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

const QUESTION = `({
  title: document.title,
  elements: document.body.querySelectorAll("*").length,
  empty: document.body.childElementCount === 0 && document.body.textContent.trim() === "",
})`;

/** Chromium's code of a load that became something else: a link to elsewhere, a file to save. */
const ABORTED = -3;

/** @typedef {import("../smoke/first_page").SeenPage} SeenPage */

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
  const left = await Promise.race([loads(window, url), gone]);
  mark("page");
  if (left) {
    return { status, title: "", elements: 0, empty: false, painted: false, left, failed };
  }
  const { title, elements, empty } = await Promise.race([contents.executeJavaScript(QUESTION), gone]);
  const late = new Promise((resolve) => setTimeout(() => resolve(false), PAINT_MS));
  const seen = { status, title, elements, empty, left, failed };
  return { ...seen, painted: await Promise.race([painted, late]) };
}

/**
 * Load a page; return whether it led out of the window.
 *
 * @param {Electron.BrowserWindow} window
 * @param {string} url
 * @returns {Promise<boolean>}
 */
async function loads(window, url) {
  try {
    await window.loadURL(url);
    return false;
  } catch (error) {
    if (Object(error).errno === ABORTED) {
      return true;
    }
    throw error;
  }
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
