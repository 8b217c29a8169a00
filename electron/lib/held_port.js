"use strict";

/**
 * The server's port, held by the shell for as long as that runs. A server that crashes gives up the
 * sockets of its own, and any program of any user could have the port in the same moment: requests
 * under way would reach it. The shell makes the socket and every server is given it to listen on,
 * so that the port is never free, and requests wait for the next server.
 *
 * Windows has no way to hand a socket to a program that is not Node.
 */

const fs = require("node:fs");
const net = require("node:net");
const path = require("node:path");

/**
 * @typedef {object} HeldPort
 * @property {number} port
 * @property {number} descriptor of the socket, to be given to the server
 * @property {() => void} close
 *
 * @typedef {object} Handle what Node has of a socket before it listens
 * @property {number} fd -1 where the system has no such number
 * @property {(name: { address?: string, port?: number }) => number} getsockname
 * @property {() => void} close
 */

const HOST = "127.0.0.1";
const IPV4 = 4;

/** Where the runtime remembers the port of last time: its `last_port.py`. */
const SERVER_FILE = "server.json";

/**
 * Hold a port: of the last server of this start, else the one that the data folder remembers, else
 * any.
 *
 * @param {{ last: number, dataDir: string }} options last: 0 if there was none
 * @returns {HeldPort | null} null where that is not possible; the server then takes a port itself
 */
function holdPort({ last, dataDir }) {
  const wanted = last || rememberedPort(dataDir);
  // A port that is remembered and taken may be its last server's, which is just ending and gives
  // it to the next: pages find what they stored only there.
  return process.platform === "win32" ? null : bind(wanted);
}

/** @param {number} wanted 0 for any */
function bind(wanted) {
  const { _createServerHandle: create } =
    /** @type {{ _createServerHandle?: (...socket: unknown[]) => Handle | number }} */ (
      /** @type {unknown} */ (net)
    );
  const handle = create?.(HOST, wanted, IPV4);
  if (handle === undefined || typeof handle === "number") {
    return null;
  }
  /** @type {{ address?: string, port?: number }} */
  const name = {};
  const isBound = handle.getsockname(name) === 0 && name.address === HOST;
  const { port = 0 } = name;
  if (!isBound || handle.fd < 0 || port === 0 || (wanted !== 0 && port !== wanted)) {
    handle.close();
    return null;
  }
  return { port, descriptor: handle.fd, close: () => handle.close() };
}

/**
 * @param {string} dataDir
 * @returns {number} 0 where none is remembered
 */
function rememberedPort(dataDir) {
  try {
    const { port } = JSON.parse(fs.readFileSync(path.join(dataDir, SERVER_FILE), "utf8"));
    return Number.isInteger(port) && port > 0 && port < 65536 ? port : 0;
  } catch {
    return 0;
  }
}

module.exports = { holdPort };
