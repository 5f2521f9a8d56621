"use strict";
// setTimeout, setInterval and what ends them, as globals and in `node:timers`.

const timersModule = require("node:timers");
const { promisify } = require("node:util");
const callers = require("./callers.cjs");
const promises = require("./timer_promises.cjs");
const { Timeout, findTimeout } = require("./timeout.cjs");

const real = { ...timersModule };

/** Return a function that sets timers: real ones for a test runner, virtual ones for everybody else. */
function setter(name, repeats) {
  const realFunction = real[name];
  const replacement = {
    [name](callback, delay, ...args) {
      const caller = callers.callerOf(replacement);
      if (typeof callback !== "function" || callers.isRunner(caller)) return realFunction(callback, delay, ...args);
      return new Timeout(callback, delay, { args, repeats, kind: callers.isUndici(caller) ? "follower" : "timer" });
    },
  }[name];
  return replacement;
}

/** Return a function that ends timers, virtual and real ones. */
function clearer(name) {
  const realFunction = real[name];
  return {
    [name](timer) {
      const found = timer instanceof Timeout ? timer : isId(timer) ? findTimeout(timer) : undefined;
      if (found === undefined) realFunction(timer);
      else found.close();
    },
  }[name];
}

/** Return whether a value may be the number of a timer. */
function isId(value) {
  return typeof value === "number" || typeof value === "string";
}

/** Replace the functions everywhere. */
function install() {
  const replacements = {
    setTimeout: setter("setTimeout", false),
    setInterval: setter("setInterval", true),
    clearTimeout: clearer("clearTimeout"),
    clearInterval: clearer("clearInterval"),
  };
  Object.defineProperty(replacements.setTimeout, promisify.custom, {
    enumerable: true,
    get: () => promises.setTimeout,
  });
  Object.assign(timersModule, replacements);
  for (const [name, value] of Object.entries(replacements)) {
    Object.defineProperty(globalThis, name, { value, writable: true, enumerable: true, configurable: true });
  }
  promises.install();
}

module.exports = { install };
