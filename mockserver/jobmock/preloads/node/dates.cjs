"use strict";
// Date, performance.now, process.hrtime and process.uptime, also in the contexts that `node:vm` makes.

const vm = require("node:vm");
const { performance } = require("node:perf_hooks");
const callers = require("./callers.cjs");
const clock = require("./clock.cjs");
const real = require("./real.cjs");

const looksAtCallers = callers.mayHaveRunner();
const NANOSECONDS = 1_000_000_000n;

/** Return a function that reads a virtual clock, or a real one for a test runner. */
function reader(virtual, actual) {
  if (!looksAtCallers) return () => virtual();
  return function read(caller) {
    return callers.isRunner(callers.callerOf(caller)) ? actual() : virtual();
  };
}

/** Return a replacement of a context's Date. Its source is also run in other contexts, so it uses nothing around it. */
function replaceDate(NativeDate, read) {
  function Date(...args) {
    if (!new.target) return new NativeDate(read(Date)).toString();
    return Reflect.construct(NativeDate, args.length === 0 ? [read(Date)] : args, new.target);
  }
  Object.defineProperty(Date, "prototype", { value: NativeDate.prototype, writable: false });
  Object.defineProperty(Date, "length", { value: 7 });
  function now() {
    return read(now);
  }
  for (const [name, value] of Object.entries({ now, parse: NativeDate.parse, UTC: NativeDate.UTC })) {
    Object.defineProperty(Date, name, { value, writable: true, configurable: true });
  }
  Object.defineProperty(NativeDate.prototype, "constructor", { value: Date, writable: true, configurable: true });
  return Date;
}

/** Give a context of `node:vm` a virtual Date. */
function installInContext(context, read) {
  const { runInContext } = real.vm;
  const date = runInContext(`(${replaceDate})`, context)(runInContext("Date", context), read);
  const scope = runInContext("globalThis", context);
  Object.defineProperty(scope, "Date", { value: date, writable: true, configurable: true });
}

/** Replace the functions of `node:vm` that make contexts. */
function installInVm(read) {
  real.vm = { ...vm };
  vm.createContext = function createContext(object, options) {
    const isNew = object === undefined || typeof object !== "object" || object === null || !vm.isContext(object);
    const context = real.vm.createContext(object, options);
    if (isNew) installInContext(context, read);
    return context;
  };
  vm.runInNewContext = function runInNewContext(code, object, options) {
    const context = vm.createContext(object, typeof options === "object" ? contextOptions(options) : {});
    return real.vm.runInContext(code, context, options);
  };
  vm.Script.prototype.runInNewContext = function runInNewContext(object, options) {
    return this.runInContext(vm.createContext(object, contextOptions(options ?? {})), options);
  };
}

/** Return the options of a context among those of a call that makes one and runs a script. */
function contextOptions({ contextName, contextOrigin, contextCodeGeneration, microtaskMode }) {
  const options = {
    name: contextName, origin: contextOrigin, codeGeneration: contextCodeGeneration, microtaskMode,
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** Replace `performance.now` and `performance.timeOrigin`. */
function installPerformance() {
  const prototype = Object.getPrototypeOf(performance);
  const read = reader(clock.monotonic, real.performanceNow);
  prototype.now = function now() {
    return read(now);
  };
  Object.defineProperty(performance, "timeOrigin", { get: clock.timeOrigin, configurable: true, enumerable: true });
}

/** Replace `process.hrtime`, `process.hrtime.bigint` and `process.uptime`. node:test reads the second of them. */
function installProcessTimes() {
  function bigint() {
    return callers.isRunner(callers.callerOf(bigint)) ? real.hrtimeBigint() : clock.hrtimeBigint();
  }
  function hrtime(previous) {
    if (previous !== undefined && !Array.isArray(previous)) return real.hrtime(previous);
    if (callers.isRunner(callers.callerOf(hrtime))) return real.hrtime(previous);
    const [seconds, nanoseconds] = previous ?? [0, 0];
    const passed = clock.hrtimeBigint() - BigInt(seconds) * NANOSECONDS - BigInt(nanoseconds);
    const rest = ((passed % NANOSECONDS) + NANOSECONDS) % NANOSECONDS;
    return [Number((passed - rest) / NANOSECONDS), Number(rest)];
  }
  hrtime.bigint = bigint;
  process.hrtime = hrtime;
  const read = reader(() => clock.monotonic() / 1000, real.uptime);
  process.uptime = function uptime() {
    return read(uptime);
  };
}

/** Replace all of them. */
function install() {
  const read = reader(clock.dateNow, real.Date.now);
  globalThis.Date = replaceDate(real.Date, read);
  installInVm(read);
  installPerformance();
  installProcessTimes();
}

module.exports = { install };
