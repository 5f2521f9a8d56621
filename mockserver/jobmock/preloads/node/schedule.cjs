"use strict";
// All timers of this process: real ones until it takes part in virtual time, then three queues.

const clock = require("./clock.cjs");
const real = require("./real.cjs");
const { TimerQueue, isBefore } = require("./timer_queue.cjs");

/** A queue for each kind of timer: those of the client and its libraries, time limits, and those of undici itself.
 * undici's tick twice a second, so they move the clock only while a request is in flight. */
const timers = new TimerQueue();
const limits = new TimerQueue();
const followers = new TimerQueue();
const queues = { timer: timers, limit: limits, follower: followers };
/** The timers that wait in real time, before the process takes part. */
const waiting = new Set();

const state = {
  isVirtual: false,
  /** The number of timers that are about to fire at the present reading. */
  firing: 0,
  /** Called after the timers have changed. */
  onChange: () => {},
};
let orders = 0;
let newestAtLeaving = 0;

/** Start a timer, or start it again from now. */
function start(timer) {
  stop(timer);
  timer.due = clock.read() + timer.duration * clock.MILLISECOND;
  timer.order = ++orders;
  if (state.isVirtual) enqueue(timer);
  else startReal(timer);
}

/** Add a timer to its queue. */
function enqueue(timer) {
  queues[timer.kind].add(timer);
  state.onChange();
}

/** Let a timer wait in real time. When it fires, it moves the clock of this process. */
function startReal(timer) {
  timer.handle = real.setTimeout(() => {
    waiting.delete(timer);
    timer.handle = null;
    clock.advance(timer.due);
    timer.fire();
  }, timer.duration);
  if (!timer.refed) timer.handle.unref();
  waiting.add(timer);
}

/** Stop a timer. */
function stop(timer) {
  timer.batch = null;
  if (timer.queue !== null) {
    timer.queue.remove(timer);
    state.onChange();
  } else if (timer.handle !== null) {
    stopReal(timer);
  }
}

/** End the real wait of a timer. */
function stopReal(timer) {
  real.clearTimeout(timer.handle);
  timer.handle = null;
  waiting.delete(timer);
}

/** Say whether a timer keeps the process alive. */
function setRefed(timer, refed) {
  if (timer.refed === refed) return;
  timer.refed = refed;
  if (timer.handle !== null) timer.handle[refed ? "ref" : "unref"]();
  if (timer.queue === null) return;
  timer.queue.refed += refed ? 1 : -1;
  state.onChange();
}

/** Take part in virtual time: what waits in real time waits for the clock from now on. */
function becomeVirtual() {
  state.isVirtual = true;
  for (const timer of [...waiting]) {
    stopReal(timer);
    enqueue(timer);
  }
}

/** Return whether a timer is due. */
function isDue(timer) {
  return timer !== undefined && timer.due <= clock.read();
}

/** Fire all timers that are due, but for limits, in their order. Each gets a turn, after which promises go on. */
function fireDue() {
  while (isDue(timers.first)) fireSoon(timers.first);
}

/** Fire the first limit that is due. Limits come last at a reading, so what happens exactly at a limit is in time.
 * Returns whether there is one. */
function fireLimit() {
  const due = [limits.first, followers.first].filter(isDue);
  if (due.length === 0) return false;
  fireSoon(due.length === 1 || isBefore(...due) ? due[0] : due[1]);
  return true;
}

/** Fire a timer in a turn of its own, unless it is stopped or started again before. */
function fireSoon(timer) {
  timer.queue.remove(timer);
  const batch = (timer.batch = {});
  state.firing += 1;
  real.setImmediate(() => {
    state.firing -= 1;
    state.onChange();
    if (timer.batch === batch) timer.fire();
  });
}

/** Note which timers exist when the process leaves virtual time. */
function markNewest() {
  newestAtLeaving = orders;
}

/** Let the timers that were set since then wait for their whole duration: the clock may have moved meanwhile. */
function shiftNewest(nanoseconds) {
  for (const queue of Object.values(queues)) {
    for (const timer of queue.timers.filter(({ order }) => order > newestAtLeaving)) {
      queue.remove(timer);
      timer.due += nanoseconds;
      queue.add(timer);
    }
  }
}

/** Return whether a timer is pending that keeps the process alive. */
function keepsAlive() {
  return timers.refed + limits.refed + followers.refed > 0;
}

module.exports = {
  state, timers, limits, followers, start, stop, setRefed, becomeVirtual, fireDue, fireLimit, markNewest, shiftNewest,
  keepsAlive,
};
