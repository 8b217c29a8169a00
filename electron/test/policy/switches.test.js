"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { refusedSwitches, refusedVariables } = require("../../lib/policy/switches");

/** @type {[string, string, string[]][]} platform, command line, refused */
const CASES = [
  ["linux", "", []],
  ["linux", "--data-dir=/srv/data", []],
  ["linux", "--no-sandbox", []],
  ["linux", "--ozone-platform=x11 --disable-gpu --force-device-scale-factor=2 --lang=de", []],
  ["linux", "notes.txt remote-debugging-port=9222", []],
  ["linux", "-- --remote-debugging-port=9222", []],
  ["linux", "/remote-debugging-port=9222", []],
  ["linux", "--my-inspect --debugger", ["my-inspect", "debugger"]],
  ["linux", "--disable-features=IsolateOrigins,site-per-process", ["disable-features"]],
  ["linux", "--disable-features=WaylandWindowDecorations,IsolateOrigins", ["disable-features"]],
  ["linux", "--enable-features=WaylandWindowDecorations,UseOzonePlatform", []],
  ["linux", "--enable-features=UseOzonePlatform<Trial.Group", ["enable-features"]],
  ["linux", "--disable-features", ["disable-features"]],
  ["linux", "--disable-gpu-sandbox", ["disable-gpu-sandbox"]],
  ["linux", "--log-file=/tmp/x --enable-logging", ["log-file", "enable-logging"]],
  ["linux", "--v=1 --vmodule=*=3", ["v", "vmodule"]],
  ["linux", "--no-zygote --disable-setuid-sandbox", ["no-zygote", "disable-setuid-sandbox"]],
  ["linux", "--in-process-gpu", ["in-process-gpu"]],
  ["linux", "--type=renderer", ["type"]],
  ["linux", "--constructor --toString --__proto__", ["constructor", "tostring", "__proto__"]],
  ["linux", "--ozone-platform-hint=auto --password-store=basic", []],
  ["linux", "--lang=../../x", ["lang"]],
  ["linux", "--force-renderer-accessibility --high-dpi-support=1", []],
  ["linux", "--smoke-test=/tmp/report --smoke-test-seconds=60", []],
  ["linux", "---inspect", ["-inspect"]],
  ["linux", "-psn_0_12345", ["psn_0_12345"]],
  ["darwin", "-psn_0_12345 -AppleLanguages (de) -NSQuitAlwaysKeepsWindows NO", []],
  ["darwin", "--AppleLanguages", ["applelanguages"]],
  ["darwin", "--no-sandbox", ["no-sandbox"]],
  ["win32", "--no-sandbox", ["no-sandbox"]],
  ["win32", "--updated -ToastActivated -Embedding", []],
  ["linux", "--remote-debugging-port=9222", ["remote-debugging-port"]],
  ["linux", "-remote-debugging-port=9222", ["remote-debugging-port"]],
  ["linux", "--REMOTE-debugging-Port=9222", ["remote-debugging-port"]],
  ["linux", "--remote-debugging-port", ["remote-debugging-port"]],
  ["linux", "--remote-debugging-pipe", ["remote-debugging-pipe"]],
  ["linux", "--remote-debugging-address=0.0.0.0", ["remote-debugging-address"]],
  ["linux", "--remote-allow-origins=*", ["remote-allow-origins"]],
  ["linux", "--inspect", ["inspect"]],
  ["linux", "--inspect=0.0.0.0:9229", ["inspect"]],
  ["linux", "--inspect-brk --inspect-port=1", ["inspect-brk", "inspect-port"]],
  ["linux", "--inspect-publish-uid=http", ["inspect-publish-uid"]],
  ["linux", "--debug=5858 --debug-brk", ["debug", "debug-brk"]],
  ["linux", "--js-flags=--allow-natives-syntax", ["js-flags"]],
  ["linux", "--enable-automation", ["enable-automation"]],
  ["linux", "--disable-web-security", ["disable-web-security"]],
  ["linux", "--disable-site-isolation-trials", ["disable-site-isolation-trials"]],
  ["linux", "--allow-running-insecure-content", ["allow-running-insecure-content"]],
  ["linux", "--ignore-certificate-errors", ["ignore-certificate-errors"]],
  ["linux", "--ignore-certificate-errors-spki-list=x", ["ignore-certificate-errors-spki-list"]],
  ["linux", "--single-process", ["single-process"]],
  ["linux", "--load-extension=/tmp/x", ["load-extension"]],
  ["linux", "--proxy-server=example.com:8080", ["proxy-server"]],
  ["linux", "--proxy-bypass-list=<-loopback>", ["proxy-bypass-list"]],
  ["linux", "--proxy-pac-url=http://example.com/", ["proxy-pac-url"]],
  ["linux", "--host-rules=MAP * example.com", ["host-rules"]],
  ["linux", "--host-resolver-rules=MAP * example.com", ["host-resolver-rules"]],
  [
    "linux",
    "--log-net-log=/tmp/x --net-log-capture-mode=Everything",
    ["log-net-log", "net-log-capture-mode"],
  ],
  [
    "linux",
    "--trace-startup=* --trace-startup-file=/tmp/x",
    ["trace-startup", "trace-startup-file"],
  ],
  ["linux", "--trace-config-file=/tmp/x", ["trace-config-file"]],
  ["linux", "--enable-tracing --trace-to-console", ["enable-tracing", "trace-to-console"]],
  ["linux", "--enable-tracing-output=/tmp/x", ["enable-tracing-output"]],
  ["linux", "--retrace", ["retrace"]],
  ["linux", "--renderer-cmd-prefix=/tmp/x", ["renderer-cmd-prefix"]],
  ["linux", "--gpu-launcher=/tmp/x", ["gpu-launcher"]],
  ["linux", "--browser-subprocess-path=/tmp/x", ["browser-subprocess-path"]],
  ["linux", "--user-data-dir=/tmp/x", ["user-data-dir"]],
  ["darwin", "-inspect", ["inspect"]],
  ["darwin", "/inspect", []],
  ["win32", "/inspect", ["inspect"]],
  ["win32", "/Remote-Debugging-Port=9222", ["remote-debugging-port"]],
  ["win32", "--inspect -- /inspect", ["inspect"]],
];

for (const [platform, line, refused] of CASES) {
  const words = line === "" ? [] : line.split(/ (?=[-/(]|\w+$|NO$)/);
  test(`${platform}: ${line || "nothing"}`, () => {
    assert.deepEqual(refusedSwitches(words, { packaged: true, platform }), refused);
    assert.deepEqual(refusedSwitches(words, { packaged: false, platform }), []);
  });
}

test("a dash or a slash alone is no switch", () => {
  assert.deepEqual(refusedSwitches(["-", "/", ""], { packaged: true, platform: "win32" }), []);
  assert.deepEqual(refusedSwitches(["-", "/", ""], { packaged: true, platform: "linux" }), []);
});

test("on Windows, white space before a switch hides nothing", () => {
  const options = { packaged: true, platform: "win32" };
  assert.deepEqual(refusedSwitches(["\t --inspect ", " notes.txt"], options), ["inspect"]);
});

test("variables that make Electron record what pages say are refused", () => {
  const environment = { ELECTRON_ENABLE_LOGGING: "1", ELECTRON_LOG_FILE: "/tmp/x", HOME: "/" };
  const refused = ["ELECTRON_ENABLE_LOGGING", "ELECTRON_LOG_FILE"];
  assert.deepEqual(refusedVariables(environment, { packaged: true }), refused);
  assert.deepEqual(refusedVariables(environment, { packaged: false }), []);
  assert.deepEqual(refusedVariables({ ELECTRON_ENABLE_LOGGING: "" }, { packaged: true }), []);
});
