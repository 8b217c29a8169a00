"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { menuTemplate } = require("../lib/shell/menu");

/** @typedef {Electron.MenuItemConstructorOptions} Item */

const ACTIONS = [
  ...["find", "print", "reload", "back", "forward", "home", "support"],
  ...["openDataFolder", "openLogs", "saveDiagnostics", "about"],
];

/**
 * @param {string} platform
 * @param {{ devTools?: boolean, support?: null }} [options]
 */
function menu(platform, { devTools = false, ...instead } = {}) {
  /** @type {string[]} */
  const done = [];
  const entries = ACTIONS.map((name) => [name, () => done.push(name)]);
  const actions = { ...Object.fromEntries(entries), ...instead };
  const template = menuTemplate({ platform, name: "Notes", devTools, actions });
  return { done, template };
}

/**
 * @param {Item[]} template
 * @returns {Item[]}
 */
function items(template) {
  return template.flatMap((item) => [item, ...items(/** @type {Item[]} */ (item.submenu ?? []))]);
}

for (const platform of ["linux", "win32", "darwin"]) {
  const { done, template } = menu(platform);
  const all = items(template);
  const roles = all.map(({ role }) => role);

  test(`${platform}: every action has an entry`, () => {
    for (const item of all) {
      /** @type {(() => void) | undefined} */ (item.click)?.();
    }
    assert.deepEqual([...new Set(done)].sort(), [...ACTIONS].sort());
  });

  test(`${platform}: back, forward and home have the keys of browsers`, () => {
    const keys = Object.fromEntries(all.map(({ label, accelerator }) => [label, accelerator]));
    const { "&Back": back, "&Forward": forward, "&Home": home } = keys;
    const expected =
      platform === "darwin"
        ? ["Command+[", "Command+]", "Command+Shift+H"]
        : ["Alt+Left", "Alt+Right", "Alt+Home"];
    assert.deepEqual([back, forward, home], expected);
  });

  test(`${platform}: no support where the project names nobody`, () => {
    const labels = items(menu(platform, { support: null }).template).map(({ label }) => label);
    assert.ok(!labels.includes("&Contact Support…"));
    assert.ok(all.some(({ label }) => label === "&Contact Support…"));
  });

  test(`${platform}: what everybody knows by its keys`, () => {
    for (const role of ["undo", "redo", "cut", "copy", "paste", "selectAll", "resetZoom"]) {
      assert.ok(roles.includes(/** @type {any} */ (role)), role);
    }
    const keys = all.filter(({ role }) => role === "zoomIn").map(({ accelerator }) => accelerator);
    assert.deepEqual(keys, [
      "CommandOrControl+Plus",
      "CommandOrControl+=",
      "CommandOrControl+numadd",
    ]);
    assert.ok(roles.includes("togglefullscreen"));
    assert.equal(roles.filter((role) => role === "quit").length, 1);
  });

  test(`${platform}: no two entries have the same key`, () => {
    const keys = all.map(({ accelerator }) => accelerator).filter((key) => key !== undefined);
    assert.equal(new Set(keys).size, keys.length);
  });

  test(`${platform}: developer tools only where they are on`, () => {
    assert.ok(!roles.includes("toggleDevTools"));
    assert.ok(items(menu(platform, { devTools: true }).template).some(({ role }) => role === "toggleDevTools"));
  });

  test(`${platform}: every entry has a label or a role`, () => {
    for (const item of all) {
      assert.ok(item.type === "separator" || item.label || item.role, JSON.stringify(item));
    }
  });
}

test("macOS has the application's own menu first, and About in it alone", () => {
  const { template } = menu("darwin");
  assert.equal(template[0]?.label, "Notes");
  assert.equal(items(template).filter(({ label }) => label?.includes("About")).length, 1);
  assert.equal(menu("linux").template[0]?.label, "&File");
});
