"use strict";
// Pending timers, the earliest first; of equal ones the one that was set first.

/** Return whether one timer fires before another. */
function isBefore(one, other) {
  return one.due < other.due || (one.due === other.due && one.order < other.order);
}

/** A binary heap of timers that knows the place of each. */
class TimerQueue {
  constructor() {
    this.timers = [];
    /** How many of them keep the process alive. */
    this.refed = 0;
  }

  /** The earliest timer, or undefined. */
  get first() {
    return this.timers[0];
  }

  /** Add a timer. */
  add(timer) {
    timer.queue = this;
    if (timer.refed) this.refed += 1;
    this.timers.push(timer);
    this.rise(timer, this.timers.length - 1);
  }

  /** Remove a timer, wherever it is. */
  remove(timer) {
    const { timers } = this;
    const { place } = timer;
    timer.queue = null;
    if (timer.refed) this.refed -= 1;
    const last = timers.pop();
    if (last === timer) return;
    if (place > 0 && isBefore(last, timers[(place - 1) >> 1])) this.rise(last, place);
    else this.sink(last, place);
  }

  /** Put a timer at a place or above. */
  rise(timer, place) {
    const { timers } = this;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!isBefore(timer, timers[above])) break;
      timers[place] = timers[above];
      timers[place].place = place;
      place = above;
    }
    timers[place] = timer;
    timer.place = place;
  }

  /** Put a timer at a place or below. */
  sink(timer, place) {
    const { timers } = this;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= timers.length) break;
      if (below + 1 < timers.length && isBefore(timers[below + 1], timers[below])) below += 1;
      if (!isBefore(timers[below], timer)) break;
      timers[place] = timers[below];
      timers[place].place = place;
      place = below;
    }
    timers[place] = timer;
    timer.place = place;
  }
}

module.exports = { TimerQueue, isBefore };
