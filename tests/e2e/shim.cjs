"use strict";

/**
 * What the shell uses and Electron 9.4.1 does not have, told in terms of what it does have.
 *
 * Only for tests: `electron -r tests/e2e/shim.cjs electron/`. The shell is written for today's
 * Electron and has no branch for an old one; this file makes an old one look like today's, as far
 * as the shell uses it. Nothing here is part of the product.
 */

const Module = require("module");

/** Modules that are built in are required by `node:` names, which Node 12 does not know. */
const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function resolve(request, ...rest) {
  const name = request.startsWith("node:") ? request.slice("node:".length) : request;
  return resolveFilename.call(this, name, ...rest);
};

const electron = require("electron");
const { EventEmitter } = require("events");

const { app, BrowserView, BrowserWindow, crashReporter, ipcMain, webContents } = electron;

/** As much of fetch's Response as a protocol handler answers with. */
global.Response = class Response {
  constructor(body, { status = 200, headers = {} } = {}) {
    this.body = Buffer.from(body);
    this.status = status;
    this.headers = headers;
  }
};

/** Closes a message box today; Electron 9 leaves it to its user. */
global.AbortController = class AbortController {
  constructor() {
    this.signal = {};
  }

  abort() {}
};

/** Node 12 removes folders by another name. */
const fs = require("fs");
fs.rmSync = fs.rmSync || ((folder) => fs.rmdirSync(folder, { recursive: true }));

/** Electron 9 wants to know a company and a server even where nothing is sent. */
const startCrashReporter = crashReporter.start.bind(crashReporter);
crashReporter.start = (options) =>
  startCrashReporter({ companyName: "test", submitURL: "http://127.0.0.1:9/", ...options });

/** protocol.handle, by a buffer protocol. */
function handleByBuffer(protocol) {
  protocol.handle = (scheme, handler) => {
    protocol.registerBufferProtocol(scheme, async (request, callback) => {
      const { body, status, headers } = await handler({ url: request.url, method: request.method });
      callback({ data: body, statusCode: status, headers, mimeType: headers["content-type"] });
    });
  };
}

/** Whether a request is for a frame inside a page that may not go there. */
function isRefusedFrame({ resourceType, url, webContentsId }) {
  if (resourceType !== "subFrame") {
    return false;
  }
  // The page of a frame that has shown nothing yet is not told; every page has the same guards.
  const [anyPage] = webContents.getAllWebContents();
  const known = typeof webContentsId === "number";
  const contents = (known && webContents.fromId(webContentsId)) || anyPage;
  let refused = false;
  const preventDefault = () => {
    refused = true;
  };
  contents.emit("will-frame-navigate", { url, isMainFrame: false, preventDefault });
  return refused;
}

/** Frames inside a page: their navigation is judged where it is requested, before the request is. */
function judgeFrames({ webRequest }) {
  const onBeforeRequest = webRequest.onBeforeRequest.bind(webRequest);
  webRequest.onBeforeRequest = (listener) =>
    onBeforeRequest((details, callback) => {
      if (isRefusedFrame(details)) {
        callback({ cancel: true });
      } else {
        listener(details, callback);
      }
    });
}

app.on("session-created", (session) => {
  handleByBuffer(session.protocol);
  judgeFrames(session);
  session.setDevicePermissionHandler = () => undefined;
  session.setSpellCheckerEnabled = session.setSpellCheckerEnabled || (() => undefined);
});

/**
 * Where a window has been and goes back to. Electron 9 counts for itself, and loads an old address
 * anew: forms are not filled in again.
 */
function historyOf(contents) {
  return {
    // It would forget the page that is shown as well.
    clear: () => undefined,
    getActiveIndex: () => contents.getActiveIndex(),
    getEntryAtIndex: (index) => ({ url: contents.history[index] || "", title: "" }),
    goToIndex: (index) => contents.goToIndex(index),
    length: () => contents.length(),
  };
}

/** Events that carry their details themselves today, and told them one by one. */
function describeNavigation(contents) {
  contents.on("will-navigate", (event, url) => {
    event.url = url;
    event.isMainFrame = true;
    contents.emit("will-frame-navigate", event);
  });
  contents.prependListener("will-redirect", (event, url, isInPlace, isMainFrame) => {
    event.url = url;
    event.isMainFrame = isMainFrame;
  });
}

/** Upon this event Electron 9 destroys a window together with the one that opened it. */
const OPENER_GONE = "current-render-view-deleted";

/** The listeners of an event that are not among the known ones. */
function newListeners(emitter, event, known) {
  return emitter.listeners(event).filter((listener) => !known.includes(listener));
}

/** Let a window live on without its opener, which Electron 9 would then tell of its end. */
function outlive(window, tellOpener, contents, destroyWindow) {
  destroyWindow.forEach((listener) => contents.removeListener(OPENER_GONE, listener));
  contents.once("destroyed", () =>
    tellOpener.forEach((listener) => window.removeListener("closed", listener)),
  );
}

/** setWindowOpenHandler, by the event that came before it. */
function handleWindows(contents) {
  contents.setWindowOpenHandler = (handler) => {
    contents.on("new-window", (event, url, frameName, disposition, options) => {
      const { action, outlivesOpener, overrideBrowserWindowOptions } = handler({
        url,
        frameName,
        disposition,
      });
      if (action === "deny") {
        event.preventDefault();
        return;
      }
      const given = withoutSandbox(overrideBrowserWindowOptions);
      const webPreferences = { ...options.webPreferences, ...given.webPreferences };
      Object.assign(options, given, { webPreferences });
      const known = contents.listeners(OPENER_GONE);
      app.once("browser-window-created", (_event, window) => {
        const knownOfWindow = window.listeners("closed");
        setImmediate(() => {
          if (outlivesOpener) {
            const destroyWindow = newListeners(contents, OPENER_GONE, known);
            outlive(window, newListeners(window, "closed", knownOfWindow), contents, destroyWindow);
          }
          contents.emit("did-create-window", window, { url, frameName });
        });
      });
    });
  };
}

app.on("web-contents-created", (_event, contents) => {
  describeNavigation(contents);
  handleWindows(contents);
  contents.navigationHistory = historyOf(contents);
  contents.close = contents.close || (() => contents.destroy());
  const findInPage = contents.findInPage.bind(contents);
  // Until Electron 17 findNext meant the opposite.
  contents.findInPage = (text, { findNext = false, ...options } = {}) =>
    findInPage(text, { ...options, findNext: !findNext });
});

/** The frame that sent a message: a preload runs in main frames only. */
function withFrame(event) {
  event.senderFrame = { url: event.sender.getURL(), parent: null };
  return event;
}
const handle = ipcMain.handle.bind(ipcMain);
ipcMain.handle = (channel, listener) =>
  handle(channel, (event, ...rest) => listener(withFrame(event), ...rest));
const on = ipcMain.on.bind(ipcMain);
ipcMain.on = (channel, listener) =>
  on(channel, (event, ...rest) => listener(withFrame(event), ...rest));

/** A page inside a window, by the class that came before it. */
class WebContentsView extends EventEmitter {
  constructor(options) {
    super();
    this.inner = new BrowserView(withoutSandbox(options));
    this.webContents = this.inner.webContents;
  }

  setBounds(bounds) {
    this.inner.setBounds(bounds);
  }

  setBackgroundColor(color) {
    this.inner.setBackgroundColor(color);
  }

  setBorderRadius() {}
}
Object.defineProperty(BrowserWindow.prototype, "contentView", {
  get() {
    return {
      addChildView: ({ inner }) => this.addBrowserView(inner),
      removeChildView: ({ inner }) => this.removeBrowserView(inner),
    };
  },
});

/** As root, and with a C library that is newer than it by years, it starts no sandboxed process. */
function withoutSandbox(options = {}) {
  const webPreferences = {
    ...options.webPreferences,
    sandbox: !app.commandLine.hasSwitch("no-sandbox"),
    nativeWindowOpen: true,
    enableRemoteModule: false,
  };
  return { ...options, webPreferences };
}
const WindowWithoutSandbox = new Proxy(BrowserWindow, {
  construct: (Window, [options]) => new Window(withoutSandbox(options)),
});

/** Electron's own object does not let itself be changed: one in front of it is what is required. */
const today = Object.create(electron, {
  BrowserWindow: { value: WindowWithoutSandbox },
  WebContentsView: { value: WebContentsView },
});
const load = Module._load;
Module._load = function loadToday(request, ...rest) {
  return request === "electron" ? today : load.call(this, request, ...rest);
};
