"use strict";

/** The application: what starts, and in which order. What each part does, its own module says. */

const fs = require("node:fs");
const path = require("node:path");
const { BrowserWindow, app, dialog } = require("electron");
const { messageOf } = require("./lib/errors");
const { Log } = require("./lib/log");
const { refusedSwitches, refusedVariables } = require("./lib/policy/switches");
const { openApplication } = require("./lib/shell/application");
const { handleErrors, keepCrashReports } = require("./lib/shell/crashes");
const { saveDiagnostics } = require("./lib/shell/diagnostics");
const { openFolder } = require("./lib/shell/folders");
const { bringToFront } = require("./lib/shell/front");
const { guardEveryPage } = require("./lib/shell/guards");
const { homeOf } = require("./lib/shell/home");
const { claimProfile, takeIdentity } = require("./lib/shell/identity");
const { handleRequests } = require("./lib/shell/ipc");
const { installMenu } = require("./lib/shell/menu_actions");
const { registerScheme } = require("./lib/shell/pages");
const { mark } = require("./lib/shell/phases");
const { handleQuit } = require("./lib/shell/quit");
const { prepareSessions } = require("./lib/shell/session");
const { runSmokeTest } = require("./lib/shell/smoke_test");
const { followStatus } = require("./lib/shell/status");
const { openSupport } = require("./lib/shell/support");
const { serverOf } = require("./lib/shell/token_header");
const { webPreferences } = require("./lib/shell/web_preferences");
const { openWindows } = require("./lib/shell/windows");
const { smokeRequest } = require("./lib/smoke/request");
const { Supervisor } = require("./lib/supervisor");

mark("main");
const smoke = smokeRequest(app.commandLine, process.cwd());
// An AppImage adds the switch where the system denies user namespaces: no page would ever run.
if (!app.commandLine.hasSwitch("no-sandbox")) {
  app.enableSandbox();
}
try {
  main();
} catch (error) {
  end(messageOf(error));
}

function main() {
  const { isPackaged: packaged } = app;
  const { argv, env, platform, resourcesPath } = process;
  const refused = [
    ...refusedSwitches(argv.slice(1), { packaged, platform }).map((name) => `--${name}`),
    ...refusedVariables(env, { packaged }),
  ];
  if (refused.length > 0) {
    end(refusal(refused));
    return;
  }
  if (smoke !== null) {
    runSmokeTest(smoke);
    return;
  }
  const application = openApplication({
    packaged,
    development: app.commandLine.hasSwitch("dev"),
    dataOption: app.commandLine.getSwitchValue("data-dir"),
    resourcesPath,
    fallbackName: app.getName(),
  });
  takeIdentity(application);
  start(application);
}

/** @param {import("./lib/shell/application").Application} application */
function start(application) {
  const { places, launch, name, support } = application;
  const log = new Log(places.shellLog);
  const supervisor = new Supervisor({ launch, dataDir: places.data, log });
  const status = followStatus(supervisor, { name, support });
  const ending = handleQuit({ supervisor, status, log });
  /** @type {() => Electron.BrowserWindow | null} */
  let front = () => null;
  const onSecondStart = () => (ending.hasBegun() ? ending.startAgain() : bringToFront(front()));
  if (!claimProfile(onSecondStart)) {
    app.exit(0);
    return;
  }
  log.info(`${application.description}, Electron ${process.versions.electron}`);
  handleErrors(log, () => supervisor.killNow());
  keepCrashReports();
  registerScheme();
  // The server starts while Chromium does.
  supervisor.start();
  mark("server");
  app.whenReady().then(() => {
    mark("ready");
    front = open({ application, supervisor, status, log });
  });
}

/**
 * @param {object} parts
 * @param {import("./lib/shell/application").Application} parts.application
 * @param {Supervisor} parts.supervisor
 * @param {import("./lib/shell/status").StatusKeeper} parts.status
 * @param {Log} parts.log
 */
function open({ application, supervisor, status, log }) {
  const { icon, permissions, places, version } = application;
  const server = serverOf(supervisor);
  const quit = () => app.quit();
  prepareSessions({ server, permissions, icon, log });
  guardEveryPage({ server, log, webPreferences: webPreferences(version) });
  handleRequests({
    server,
    status,
    log,
    actions: {
      retry: (contents) => homeOf(contents)?.retry(),
      openLogs: () => openFolder(places.logs),
      saveDiagnostics: (contents) => {
        const window = BrowserWindow.fromWebContents(contents) ?? undefined;
        return saveDiagnostics(window, application, log);
      },
      support: () => openSupport(application, log),
      quit,
    },
  });
  const front = openWindows({ application, supervisor, status, log, quit });
  installMenu(application, { supervisor, log });
  return front;
}

/** @param {readonly string[]} refused */
function refusal(refused) {
  return [
    `The application does not start with ${refused.join(", ")}.`,
    "Reason: it may open the window to other programs, or make it less safe.",
    "What to do: take it out of the shortcut, the command line or the environment.",
  ].join("\n");
}

/**
 * Say why the application does not start, and end. Before it is ready nobody would see a dialog.
 *
 * @param {string} message
 */
function end(message) {
  app.setPath("userData", fs.mkdtempSync(path.join(app.getPath("temp"), "djdesk-")));
  app.whenReady().then(() => {
    dialog.showErrorBox(app.getName(), message);
    app.exit(1);
  });
}
