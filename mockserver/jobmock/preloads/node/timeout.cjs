"use strict";
// The object that `setTimeout` and `setInterval` return.

const { AsyncResource } = require("node:async_hooks");
const schedule = require("./schedule.cjs");

const LONGEST = 2 ** 31 - 1;
const byId = new Map();
const dispose = Symbol.dispose ?? Symbol("dispose");

/** Return the duration that Node waits for a delay: at least a millisecond, in whole milliseconds. */
function durationOf(delay) {
  const number = Number(delay);
  if (number > LONGEST) {
    process.emitWarning(
      `${number} does not fit into a 32-bit signed integer.\nTimeout duration was set to 1.`, "TimeoutOverflowWarning",
    );
  }
  return number >= 1 && number <= LONGEST ? Math.trunc(number) : 1;
}

/** A timer with the methods of Node's. */
class Timeout {
  constructor(callback, delay, { args = [], repeats = false, refed = true, kind = "timer" } = {}) {
    this.callback = callback;
    this.duration = durationOf(delay);
    this.args = args;
    this.repeats = repeats;
    this.refed = refed;
    /** Its queue: "timer", "limit" for a time limit, or "follower" for a timer of undici itself. */
    this.kind = kind;
    this.isClosed = false;
    this.due = 0;
    this.order = 0;
    this.queue = null;
    this.place = -1;
    this.handle = null;
    this.batch = null;
    this.resource = new AsyncResource("Timeout");
    schedule.start(this);
  }

  /** Call the function, and start an interval again. */
  fire() {
    this.batch = null;
    try {
      this.resource.runInAsyncScope(this.callback, this, ...this.args);
    } finally {
      if (this.repeats && !this.isClosed && !this.isPending) schedule.start(this);
    }
  }

  get isPending() {
    return this.queue !== null || this.handle !== null || this.batch !== null;
  }

  close() {
    this.isClosed = true;
    schedule.stop(this);
    byId.delete(this.resource.asyncId());
    return this;
  }

  refresh() {
    if (!this.isClosed) schedule.start(this);
    return this;
  }

  ref() {
    schedule.setRefed(this, true);
    return this;
  }

  unref() {
    schedule.setRefed(this, false);
    return this;
  }

  hasRef() {
    return this.refed;
  }

  [Symbol.toPrimitive]() {
    const id = this.resource.asyncId();
    if (this.isPending) byId.set(id, this);
    return id;
  }

  [dispose]() {
    this.close();
  }

  // Node's own modules clear a timer by these two members.

  get _onTimeout() {
    return this.isClosed ? null : this.callback;
  }

  set _onTimeout(callback) {
    if (callback === null) this.close();
    else this.callback = callback;
  }

  get _destroyed() {
    return !this.isPending;
  }
}

/** Return the timer with an id, or undefined. */
function findTimeout(id) {
  return byId.get(Number(id));
}

module.exports = { Timeout, findTimeout };
