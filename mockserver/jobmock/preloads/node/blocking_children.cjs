"use strict";
// Children that are waited for in one call. They may share the clock, so this process leaves it meanwhile.

const childProcess = require("node:child_process");

const NAMES = ["execFileSync", "execSync", "spawnSync"];

/** Replace the functions. The given one is called before a child is started. */
function install(leave) {
  for (const name of NAMES) {
    const start = childProcess[name];
    childProcess[name] = {
      [name](...args) {
        leave();
        return start.apply(this, args);
      },
    }[name];
  }
}

module.exports = { install };
