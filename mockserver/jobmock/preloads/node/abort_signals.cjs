"use strict";
// AbortSignal.timeout.

const callers = require("./callers.cjs");
const real = require("./real.cjs");
const { Timeout } = require("./timeout.cjs");

/** Return a signal that is aborted after a delay. Its timer doesn't keep the process alive. */
function timeout(delay) {
  const isRefused = !Number.isInteger(delay) || delay < 0 || delay > 2 ** 32 - 1;
  if (isRefused || callers.isRunner(callers.callerOf(timeout))) return real.abortSignalTimeout(delay);
  const controller = new AbortController();
  const reason = () => new DOMException("The operation was aborted due to timeout", "TimeoutError");
  new Timeout(() => controller.abort(reason()), delay, { refed: false, kind: "limit" });
  return controller.signal;
}

/** Replace it. */
function install() {
  AbortSignal.timeout = timeout;
}

module.exports = { install };
