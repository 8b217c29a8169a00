"use strict";

/**
 * The smoke test: the application checks itself, is started, shows its first page to nobody, writes
 * into its databases and ends. It asks nobody anything, and its exit code tells.
 */

const childProcess = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { promisify } = require("node:util");
const { app, dialog } = require("electron");
const { reasonOf } = require("../errors");
const { Log } = require("../log");
const { namedDataFolder, thisMachine } = require("../places");
const { checkBundle } = require("../smoke/bundle_check");
const { judgeFirstPage } = require("../smoke/first_page");
const { readPackageManifest } = require("../smoke/package_manifest");
const { Report, writeReport } = require("../smoke/report");
const { silenceDialogs } = require("../smoke/silence");
const { makeThrowAway, removeAfterwards } = require("../smoke/throw_away");
const { Supervisor } = require("../supervisor");
const { openApplication } = require("./application");
const { guardEveryPage } = require("./guards");
const { claimProfile, takeIdentity } = require("./identity");
const { registerScheme } = require("./pages");
const { mark, marks } = require("./phases");
const { prepareSessions } = require("./session");
const { lookAt } = require("./smoke_page");
const { serverOf } = require("./token_header");
const { webPreferences } = require("./web_preferences");

/** @typedef {import("./application").Application} Application */
/** @typedef {import("../smoke/request").SmokeRequest} SmokeRequest */

const run = promisify(childProcess.execFile);

const STEPS = Object.freeze(["files", "server", "page", "database", "end"]);
const SHOWN_PROBLEMS = 20;
const SHOWN_LINES = 30;

/**
 * Take the test and end the process: 0 if all was well.
 *
 * @param {SmokeRequest} request
 */
function runSmokeTest(request) {
  const report = new Report(STEPS);
  const blame = (/** @type {unknown} */ problem) =>
    report.blame(problem instanceof Error ? problem.message : String(problem));
  silenceDialogs(dialog, blame);
  const told = namedDataFolder(app.commandLine.getSwitchValue("data-dir"), thisMachine());
  const throwAway = told === null ? makeThrowAway() : null;
  const data = told ?? /** @type {string} */ (throwAway);
  report.note("data_dir", told ?? "throw-away");
  /** @type {Supervisor | null} */
  let supervisor = null;
  let over = false;
  const end = () => {
    if (!over) {
      over = true;
      supervisor?.killNow();
      if (throwAway !== null) {
        removeAfterwards(throwAway);
      }
      finish(report, request);
    }
  };
  const fail = (/** @type {unknown} */ problem) => {
    blame(problem);
    end();
  };
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  const limit = `It took longer than ${request.seconds} seconds`;
  setTimeout(() => fail(`${limit}; not done: ${report.missing()}`), request.seconds * 1000);
  try {
    // Before anything else of Chromium's has a place to be written to.
    app.setPath("userData", data);
    const application = prepare(report, data);
    if (!report.isGood() && report.missing() === "files") {
      end();
      return;
    }
    supervisor = serve(application);
    use(application, supervisor, report).then(end, fail);
  } catch (error) {
    fail(error);
  }
}

/**
 * Look at the files, and become the application.
 *
 * @param {Report} report
 * @param {string} data
 */
function prepare(report, data) {
  const { platform, arch: architecture, resourcesPath, versions } = process;
  const { isPackaged: packaged } = app;
  const application = openApplication({
    packaged,
    development: false,
    dataOption: data,
    resourcesPath,
    fallbackName: app.getName(),
  });
  const { name, identifier, version, description, bundle } = application;
  report.note("application", { name, identifier, version, description });
  report.note("shell", { packaged, platform, architecture, electron: versions["electron"] });
  const manifest = packaged ? readPackageManifest(resourcesPath) : null;
  report.note("rehearsal", manifest?.rehearsal ?? false);
  const machine = { platform, architecture };
  const { problems, files, bytes } = checkBundle(bundle, machine, manifest?.described);
  report.note("bundle", { files, bytes });
  const all = [...(manifest?.problems ?? []), ...problems];
  all.slice(0, SHOWN_PROBLEMS).forEach((problem) => report.blame(problem));
  if (all.length > SHOWN_PROBLEMS) {
    report.blame(`and ${all.length - SHOWN_PROBLEMS} more`);
  }
  mark("files");
  if (all.length === 0) {
    report.took("files");
  }
  return application;
}

/**
 * Start the server, while Chromium starts.
 *
 * @param {Application} application
 */
function serve(application) {
  takeIdentity(application);
  if (!claimProfile(() => undefined)) {
    throw new Error(`The application runs already, with its data in ${application.places.data}`);
  }
  registerScheme();
  const log = new Log(application.places.shellLog);
  const { launch, places } = application;
  const supervisor = new Supervisor({ launch, dataDir: places.data, log });
  supervisor.start();
  mark("server");
  return supervisor;
}

/**
 * @param {Application} application
 * @param {Supervisor} supervisor
 * @param {Report} report
 */
async function use(application, supervisor, report) {
  const { permissions, version, places, icon } = application;
  const serving = whenServing(supervisor);
  await Promise.race([app.whenReady(), serving.then(() => app.whenReady())]);
  mark("ready");
  const log = new Log(places.shellLog);
  const server = serverOf(supervisor);
  prepareSessions({ server, permissions, icon, log });
  guardEveryPage({ server, log, webPreferences: webPreferences(version) });
  const url = await serving;
  report.took("server");
  const { failed, ...page } = await lookAt(url, version);
  report.note("page", page);
  const { problems, warnings } = judgeFirstPage({ ...page, failed });
  warnings.forEach((warning) => report.warn(warning));
  problems.forEach((problem) => report.blame(problem + logEnd(places.logs)));
  if (problems.length === 0) {
    report.took("page");
  }
  report.note("databases", await write(application));
  mark("written");
  report.took("database");
  supervisor.on("stopped", (ending) => endedWell(ending, report));
  await supervisor.stop();
  mark("end");
}

/**
 * Return the end of the application's own log, which says why a page failed.
 *
 * @param {string} logs
 */
function logEnd(logs) {
  try {
    const text = fs.readFileSync(path.join(logs, "app.log"), "utf8").trimEnd();
    return `\n${text.split("\n").slice(-SHOWN_LINES).join("\n")}`;
  } catch {
    return "";
  }
}

/** @param {Supervisor} supervisor @returns {Promise<string>} */
function whenServing(supervisor) {
  return new Promise((resolve, reject) => {
    supervisor.once("ready", ({ url }) => {
      mark("serving");
      resolve(url);
    });
    supervisor.once("failed", ({ message, tail }) => reject(new Error(`${message}\n${tail}`)));
  });
}

/**
 * Have the bundle's own Python write into every database, beside the server, and read it again.
 *
 * @param {Application} application
 * @returns {Promise<unknown>}
 */
async function write({ command }) {
  const { file, words, folder, environment } = command("try-writing");
  const settings = { cwd: folder, env: environment, windowsHide: true };
  try {
    const { stdout } = await run(file, [...words], settings);
    return JSON.parse(stdout).databases;
  } catch (error) {
    const { stderr, message } = /** @type {Error & { stderr?: string }} */ (error);
    const text = `Writing into the database failed.\n${stderr?.trim() || message}`;
    throw Object.assign(new Error(text), { cause: error });
  }
}

/**
 * @param {import("../failures").Ending | undefined} ending
 * @param {Report} report
 */
function endedWell(ending, report) {
  report.note("server_ended", { code: ending?.code ?? null, signal: ending?.signal ?? null });
  if (ending?.code === 0) {
    report.took("end");
  } else {
    report.blame(`The server did not end by itself: ${ending?.signal ?? ending?.code}`);
  }
}

/**
 * @param {Report} report
 * @param {SmokeRequest} request
 */
function finish(report, request) {
  const document = report.document(marks());
  let code = document.ok ? 0 : 1;
  try {
    writeReport(document, request.report);
  } catch (error) {
    code = 1;
    report.blame(`The report cannot be written: ${reasonOf(error)}`);
  }
  if (code !== 0) {
    process.stderr.write(`The smoke test failed.\n${report.problems.join("\n")}\n`);
  }
  app.exit(code);
}

module.exports = { runSmokeTest };
