"use strict";

/**
 * A system on which the shell cannot hold the server's port, as Windows is one: then another
 * program gets it while no server is there.
 *
 * Only for tests: `electron … -r tests/e2e/unheld.cjs electron/`.
 */

delete require("node:net")._createServerHandle;
