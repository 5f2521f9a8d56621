"use strict";
// The clock of this process: integer nanoseconds since the start of the run's clock.

const real = require("./real.cjs");
const settings = require("./settings.cjs");

const MILLISECOND = 1e6;
const READS_BETWEEN_LOOKS = 64;
const LONGEST_TURN = 1_000_000_000n;
const INT64_LIMIT = 2n ** 63n;

let now = settings.startedAt;
/** The date, in milliseconds since 1970, at which the clock reads 0. */
let startDate =
  settings.start === undefined ? real.Date.now() - now / MILLISECOND : Number(settings.start / BigInt(MILLISECOND));
/** What the monotonic clocks of this process show while the clock reads 0. A whole number: differences are exact. */
const monotonicStart = Math.round(real.performanceNow()) - Math.round(now / MILLISECOND);
const hrtimeStart = real.hrtimeBigint() - BigInt(now);

let isDateRead = false;
let reads = 0;
let turnStart = null;
let lastLook = 0n;

/** Return the clock's reading. */
function read() {
  if (++reads >= READS_BETWEEN_LOOKS) followRealTimeInLongTurns();
  return now;
}

/** Let the clock run with real time if one turn of the loop reads it for more than a second: it waits by reading. */
function followRealTimeInLongTurns() {
  const instant = real.hrtimeBigint();
  if (turnStart === null) {
    turnStart = instant;
    real.setImmediate(endTurn).unref();
  } else if (instant - turnStart > LONGEST_TURN) {
    now += Number(instant - lastLook);
  }
  reads = 0;
  lastLook = instant;
}

/** Note that a turn of the loop has ended. */
function endTurn() {
  turnStart = null;
  reads = 0;
}

/** Set the clock to a later reading. It never goes back. */
function advance(reading) {
  if (reading > now) now = reading;
}

/** Take the start of the run's clock from the server, unless a date was read before: durations are exact then. */
function setStart(text) {
  if (settings.start === undefined && !isDateRead) startDate = Number(BigInt(text) / BigInt(MILLISECOND));
}

/** Return the date in milliseconds since 1970. */
function dateNow() {
  isDateRead = true;
  return Math.floor(startDate + read() / MILLISECOND);
}

/** Return what `performance.now()` returns. */
function monotonic() {
  return monotonicStart + read() / MILLISECOND;
}

/** Return what `process.hrtime.bigint()` returns. */
function hrtimeBigint() {
  const reading = hrtimeStart + BigInt(Math.floor(read()));
  return reading % INT64_LIMIT;
}

/** Return the date at which `performance.now()` was 0. */
function timeOrigin() {
  return startDate - monotonicStart;
}

module.exports = { MILLISECOND, read, advance, setStart, dateNow, monotonic, hrtimeBigint, timeOrigin };
