"use strict";

const assert = require("node:assert/strict");
const childProcess = require("node:child_process");
const { once } = require("node:events");
const fs = require("node:fs");
const net = require("node:net");
const path = require("node:path");
const { test } = require("node:test");

const { makeFolder } = require("./fixtures/folders");
const { holdPort } = require("../lib/held_port");

const POSIX = { skip: process.platform === "win32" ? "there is nothing to hold there" : false };

/** Listens on the socket that it is given, and answers the first connection. */
const SERVER = [
  "const server = require('net').createServer((socket) => socket.end('served'));",
  "server.listen({ fd: 3 }, () => console.log('listening'));",
].join("\n");

/** @param {number} descriptor */
async function serve(descriptor) {
  const server = childProcess.spawn(process.execPath, ["-e", SERVER], {
    stdio: ["ignore", "pipe", "inherit", descriptor],
  });
  assert.ok(server.stdout);
  await once(server.stdout, "data");
  return server;
}

/** @param {number} port @returns {Promise<string>} what is answered, or why nothing is */
function ask(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.on("data", (data) => resolve(String(data)));
    socket.on("error", (error) => resolve(String(Reflect.get(error, "code"))));
  });
}

/** @param {number} port @returns {Promise<boolean>} */
function isFree(port) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.on("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

test("between two servers the port is not free, and connections wait", POSIX, async (context) => {
  const held = holdPort({ last: 0, dataDir: makeFolder(context) });
  assert.ok(held);
  const first = await serve(held.descriptor);
  assert.equal(await ask(held.port), "served");
  first.kill("SIGKILL");
  await once(first, "exit");
  assert.equal(await isFree(held.port), false);
  const answer = ask(held.port);
  const second = await serve(held.descriptor);
  assert.equal(await answer, "served");
  second.kill("SIGKILL");
  await once(second, "exit");
  held.close();
  assert.equal(await isFree(held.port), true);
});

test("the port of last time is held, the one of this start before it", POSIX, (context) => {
  const dataDir = makeFolder(context);
  const any = holdPort({ last: 0, dataDir });
  assert.ok(any);
  any.close();
  fs.writeFileSync(path.join(dataDir, "server.json"), JSON.stringify({ port: any.port }));
  const remembered = holdPort({ last: 0, dataDir });
  assert.equal(remembered?.port, any.port);
  remembered?.close();
  fs.writeFileSync(path.join(dataDir, "server.json"), JSON.stringify({ port: 1 }));
  const last = holdPort({ last: any.port, dataDir });
  assert.equal(last?.port, any.port);
  last?.close();
});

test("a port that is taken is nobody's to hold", POSIX, async (context) => {
  const server = net.createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  assert.equal(holdPort({ last: port, dataDir: makeFolder(context) }), null);
  server.close();
});

for (const text of ["", "[]", "null", '{"port": "8137"}', '{"port": 65536}', '{"port": -1}']) {
  test(`what remembers no port: ${JSON.stringify(text)}`, POSIX, (context) => {
    const dataDir = makeFolder(context);
    fs.writeFileSync(path.join(dataDir, "server.json"), text);
    const held = holdPort({ last: 0, dataDir });
    assert.ok(held);
    held.close();
  });
}
