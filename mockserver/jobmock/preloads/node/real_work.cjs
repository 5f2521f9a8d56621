"use strict";
// Work of this process that takes real time: files, names, children, other servers, threads.

const connections = require("./connections.cjs");
const threadWork = require("./thread_work.cjs");

/** The names of Node's resources that end by themselves: files, look-ups, connects, writes. Open sockets, listeners and
 * timers aren't among them. Immediates are: a chain of them is a client at work. */
const WORK = /^(?:FSReq|CloseReq|GetAddrInfo|GetNameInfo|Query)|(?:Connect|Send|Write|Shutdown)Wrap$|^Immediate/;

/** Return whether anything is going on in this process that isn't a wait for the clock or for the mock. */
function isGoingOn() {
  return (
    threadWork.isGoingOn() || connections.awaitsOthers() ||
    process.getActiveResourcesInfo().some((name) => WORK.test(name))
  );
}

/** Return whether a child process runs. It may share the clock, or do real work. */
function hasChild() {
  return process.getActiveResourcesInfo().includes("ProcessWrap");
}

module.exports = { isGoingOn, hasChild };
