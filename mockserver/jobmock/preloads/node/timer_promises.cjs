"use strict";
// The functions of `node:timers/promises`.

const module_ = require("node:timers/promises");
const callers = require("./callers.cjs");
const { Timeout } = require("./timeout.cjs");

const real = { setTimeout: module_.setTimeout, setInterval: module_.setInterval };

/** Return the error of a wait that its signal ended. */
function abortError(signal) {
  const error = new Error("The operation was aborted", { cause: signal.reason });
  error.name = "AbortError";
  error.code = "ABORT_ERR";
  return error;
}

/** Return whether Node would refuse these arguments; then it says so itself. */
function isRefused(delay, options) {
  if (delay !== undefined && typeof delay !== "number") return true;
  if (typeof options !== "object" || options === null || Array.isArray(options)) return true;
  const { signal, ref } = options;
  return (
    (signal !== undefined && (typeof signal !== "object" || signal === null || !("aborted" in signal))) ||
    (ref !== undefined && typeof ref !== "boolean") || Boolean(signal?.aborted)
  );
}

/** Return a promise that is fulfilled after a delay. */
function setTimeout(delay, value, options = {}) {
  const caller = callers.callerOf(setTimeout);
  if (isRefused(delay, options) || callers.isRunner(caller)) return real.setTimeout(delay, value, options);
  const { signal, ref = true } = options;
  return new Promise((resolve, reject) => {
    const timer = new Timeout(finish, delay, { args: [resolve, value], refed: ref });
    signal?.addEventListener("abort", abort, { once: true });

    function finish(settle, result) {
      signal?.removeEventListener("abort", abort);
      settle(result);
    }
    function abort() {
      timer.close();
      finish(reject, abortError(signal));
    }
  });
}

/** Yield a value after each interval. */
function setInterval(delay, value, options = {}) {
  const caller = callers.callerOf(setInterval);
  if (isRefused(delay, options) || callers.isRunner(caller)) return real.setInterval(delay, value, options);
  return interval(delay, value, options);
}

/** Yield a value for each time that an interval's timer has fired. */
async function* interval(delay, value, { signal, ref = true }) {
  let fired = 0;
  let wake = () => {};
  const timer = new Timeout(count, delay, { repeats: true, refed: ref });
  signal?.addEventListener("abort", abort, { once: true });

  function count() {
    fired += 1;
    wake();
  }
  function abort() {
    timer.close();
    wake();
  }
  try {
    while (!signal?.aborted) {
      if (fired === 0) await new Promise((resolve) => (wake = resolve));
      for (; fired > 0; fired--) yield value;
    }
    throw abortError(signal);
  } finally {
    timer.close();
    signal?.removeEventListener("abort", abort);
  }
}

/** Wait for a delay, as `scheduler.wait` does. */
function wait(delay, options) {
  return setTimeout(delay, undefined, options);
}

/** Replace the functions of the module. */
function install() {
  module_.setTimeout = setTimeout;
  module_.setInterval = setInterval;
  Object.defineProperty(module_.scheduler, "wait", { value: wait, writable: true, configurable: true });
}

module.exports = { setTimeout, install };
