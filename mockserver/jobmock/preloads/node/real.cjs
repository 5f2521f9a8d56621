"use strict";
// The functions of Node as they were before any was replaced.

const net = require("node:net");
const timers = require("node:timers");
const { performance } = require("node:perf_hooks");

module.exports = {
  Date: globalThis.Date,
  setTimeout: timers.setTimeout,
  clearTimeout: timers.clearTimeout,
  setImmediate: timers.setImmediate,
  performanceNow: performance.now.bind(performance),
  timeOrigin: performance.timeOrigin,
  hrtime: process.hrtime.bind(process),
  hrtimeBigint: process.hrtime.bigint,
  uptime: process.uptime.bind(process),
  abortSignalTimeout: AbortSignal.timeout.bind(AbortSignal),
  socketConnect: net.Socket.prototype.connect,
  socketSetTimeout: net.Socket.prototype.setTimeout,
};
