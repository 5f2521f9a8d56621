"use strict";
// Finds out whose code calls a replaced function: a test runner's, an HTTP library's own timers, or the client's.

const path = require("node:path");
const { isMainThread } = require("node:worker_threads");

const RUNNER_PACKAGES = [
  "vitest", "@vitest", "tinypool", "vite-node", "vite", "birpc", "mocha", "yargs", "ava", "tap", "@tapjs",
  "uvu", "jest", "jest-[\\w-]+", "@jest", "jasmine", "jasmine-core", "playwright", "@playwright", "tsx", "esbuild",
];
const IN_PACKAGE = `[\\\\/]node_modules[\\\\/](?:${RUNNER_PACKAGES.join("|")})[\\\\/]`;
const RUNNER = new RegExp(`node:internal/test_runner|${IN_PACKAGE}`);
const RUNNER_COMMAND = /[\\/]\.bin[\\/](?:vitest|mocha|_mocha|jest|ava|tap|uvu|jasmine|playwright)$/;
const UNDICI = /^node:internal\/deps\/undici|[\\/]node_modules[\\/]undici[\\/]lib[\\/]/;
const OWN_FOLDER = __dirname + path.sep;

/** Return the frames themselves. */
function frames(_error, calls) {
  return calls;
}

/** Return the file of the first frame outside of the preload that called a function. */
function callerOf(replaced) {
  const { stackTraceLimit, prepareStackTrace } = Error;
  const holder = {};
  Error.stackTraceLimit = 3;
  Error.prepareStackTrace = frames;
  let calls;
  try {
    Error.captureStackTrace(holder, replaced);
    calls = holder.stack;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Error.prepareStackTrace = prepareStackTrace;
  }
  for (const call of Array.isArray(calls) ? calls : []) {
    const file = call.getFileName() ?? call.getEvalOrigin() ?? "";
    if (!file.startsWith(OWN_FOLDER)) return file;
  }
  return "";
}

/** Return whether a file belongs to a test runner, whose time limits and durations are real. */
function isRunner(file) {
  return RUNNER.test(file);
}

/** Return whether a file is one of undici. */
function isUndici(file) {
  return UNDICI.test(file);
}

/** Return whether a test runner may be at work in this process. If not, no reading of a clock needs a look. */
function mayHaveRunner() {
  const main = process.argv[1] ?? "";
  const { VITEST, JEST_WORKER_ID, NODE_TEST_CONTEXT } = process.env;
  return Boolean(
    !isMainThread || VITEST || JEST_WORKER_ID || NODE_TEST_CONTEXT || process.execArgv.includes("--test") ||
      RUNNER.test(main) || RUNNER_COMMAND.test(main),
  );
}

module.exports = { callerOf, isRunner, isUndici, mayHaveRunner };
