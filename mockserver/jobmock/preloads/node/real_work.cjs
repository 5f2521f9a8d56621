"use strict";
// Work of this process that takes real time: files, names, children, other servers, threads.

const zlib = require("node:zlib");
const connections = require("./connections.cjs");
const requests = require("./requests.cjs");

/** The resources of Node that end by themselves. Open sockets, listeners and timers aren't among them. */
const WORK =
  /^(?:FSReq|GetAddrInfo|GetNameInfo|QueryReq|TCPConnectWrap|PipeConnectWrap|WriteWrap|ShutdownWrap|UDPSendWrap|.*Request$)/;

let compressing = 0;

/** Return whether anything is going on in this process that isn't a wait for the clock or for the mock. */
function isGoingOn() {
  return (
    compressing > 0 || connections.awaitsOthers() || requests.anyAboutToBeSent() ||
    process.getActiveResourcesInfo().some((name) => WORK.test(name))
  );
}

/** Return whether a child process runs. It may share the clock, or do real work. */
function hasChild() {
  return process.getActiveResourcesInfo().includes("ProcessWrap");
}

/** Count what zlib's streams do in other threads: Node doesn't list it. */
function install() {
  const base = Object.getPrototypeOf(Object.getPrototypeOf(zlib.Gzip.prototype));
  const transform = base._transform;
  base._transform = function _transform(chunk, encoding, callback) {
    compressing += 1;
    return transform.call(this, chunk, encoding, (...results) => {
      compressing -= 1;
      callback(...results);
    });
  };
}

module.exports = { install, isGoingOn, hasChild };
