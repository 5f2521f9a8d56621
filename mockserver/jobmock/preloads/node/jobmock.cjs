"use strict";
// Brings a Node process into the virtual time of `jobmock run`, and its calls of the real hosts to the mock.
// Loaded by `--require` in NODE_OPTIONS, so also in child processes and worker threads.

const OLDEST_NODE = 20;

/** Replace what has to be replaced, before the client's own modules are loaded. */
function install() {
  const settings = require("./settings.cjs");
  require("./connections.cjs").install();
  if (settings.hosts.size > 0) require("./secure_sockets.cjs").install();
  if (settings.timeUrl !== null) {
    require("./participant.cjs").install();
    require("./timers.cjs").install();
    require("./dates.cjs").install();
    require("./abort_signals.cjs").install();
    require("./socket_timeouts.cjs").install();
  }
  require("node:module").syncBuiltinESMExports();
}

if (parseInt(process.versions.node, 10) < OLDEST_NODE) {
  require("./failure.cjs").fail(
    "this is Node " + process.versions.node + ", but virtual time needs Node " + OLDEST_NODE + " or newer",
  );
}
install();
