"use strict";
// Work of this process in other threads, which Node doesn't list: compression, cryptography, compiling, workers.

const crypto = require("node:crypto");
const zlib = require("node:zlib");

const WITH_CALLBACK = [
  "checkPrime", "generateKey", "generateKeyPair", "generatePrime", "hkdf", "pbkdf2", "randomBytes", "randomFill",
  "randomInt", "scrypt", "sign", "verify",
];
const SUBTLE = [
  "decrypt", "deriveBits", "deriveKey", "digest", "encrypt", "exportKey", "generateKey", "importKey", "sign",
  "unwrapKey", "verify", "wrapKey",
];

/** The part of the time for which the loop of an idle worker is active at most. */
const MOSTLY_IDLE = 0.1;

let jobs = 0;
/** The workers of this thread, each with what its loop had done until the last look. */
const workers = new Map();

/** Return whether any of it is going on. */
function isGoingOn() {
  return jobs > 0 || [...workers.keys()].filter(isAtWork).length > 0;
}

/** Return whether a worker starts, or its loop was active since the last look. */
function isAtWork(worker) {
  const before = workers.get(worker);
  const until = worker.performance.eventLoopUtilization();
  workers.set(worker, until);
  if (until.idle === 0) return true;
  return worker.performance.eventLoopUtilization(until, before).utilization > MOSTLY_IDLE;
}

/** Return a function that counts as a job until its callback, its last argument, is called. */
function countingCallback(job) {
  function counted(...args) {
    const callback = args.at(-1);
    if (typeof callback !== "function") return job.apply(this, args);
    args[args.length - 1] = function (...results) {
      jobs -= 1;
      return callback.apply(this, results);
    };
    const result = job.apply(this, args);
    jobs += 1;
    return result;
  }
  return Object.defineProperties(counted, Object.getOwnPropertyDescriptors(job));
}

/** Return a function that counts as a job until its promise is settled. */
function countingPromise(job) {
  function counted(...args) {
    const promise = job.apply(this, args);
    jobs += 1;
    promise.then(end, end);
    return promise;
  }
  return Object.defineProperties(counted, Object.getOwnPropertyDescriptors(job));
}

/** Note that a job has ended. */
function end() {
  jobs -= 1;
}

/** Replace functions of an object by ones that count. */
function replace(object, names, counting) {
  for (const name of names) if (typeof object?.[name] === "function") object[name] = counting(object[name]);
}

/** Count all of it. */
function install() {
  const zlibStream = Object.getPrototypeOf(Object.getPrototypeOf(zlib.Gzip.prototype));
  replace(zlibStream, ["_transform"], countingCallback);
  replace(crypto, WITH_CALLBACK, countingCallback);
  replace(Object.getPrototypeOf(crypto.webcrypto.subtle), SUBTLE, countingPromise);
  replace(globalThis.WebAssembly, ["compile", "instantiate"], countingPromise);
  process.on("worker", (worker) => {
    workers.set(worker, worker.performance.eventLoopUtilization());
    worker.once("exit", () => workers.delete(worker));
  });
}

module.exports = { install, isGoingOn };
