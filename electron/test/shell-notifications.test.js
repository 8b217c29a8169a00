"use strict";

const assert = require("node:assert/strict");
const { EventEmitter } = require("node:events");
const { test } = require("node:test");

const { MOST, keep, keptCount } = require("../lib/shell/notifications");

/** @param {EventEmitter} notification */
function show(notification) {
  keep(/** @type {any} */ (notification));
  return notification;
}

for (const event of ["click", "close", "failed"]) {
  test(`a notification is kept until ${event}`, () => {
    const before = keptCount();
    const notification = show(new EventEmitter());
    assert.equal(keptCount(), before + 1);
    notification.emit(event);
    assert.equal(keptCount(), before);
    notification.emit("close");
    assert.equal(keptCount(), before);
  });
}

test("a click does what it should before the notification is forgotten", () => {
  const notification = show(new EventEmitter());
  let clicks = 0;
  notification.on("click", () => {
    clicks += 1;
  });
  notification.emit("click");
  assert.equal(clicks, 1);
});

test("the oldest give way where the system never tells that they are gone", () => {
  const all = Array.from({ length: MOST + 5 }, () => show(new EventEmitter()));
  assert.equal(keptCount(), MOST);
  all.slice(0, 5).forEach((notification) => notification.emit("close"));
  assert.equal(keptCount(), MOST);
  all.forEach((notification) => notification.emit("close"));
  assert.equal(keptCount(), 0);
});
