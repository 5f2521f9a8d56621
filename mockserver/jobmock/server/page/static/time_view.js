/** The stretch of time that the lanes show. */

import { signal } from "./dom.js";

const SHORTEST = 0.01;
const LONGEST = 100 * 366 * 86400;
const MARGIN = 0.03;

export class TimeView {
  from = 0;
  to = 1;
  /** `fit` shows all, `follow` keeps the end of time visible, `free` stays where the user went. */
  mode = "fit";
  changed = signal();
  #extent;

  /** `extent` returns the first and the last moment of which there is something to show. */
  constructor(extent) {
    this.#extent = extent;
  }

  get length() {
    return this.to - this.from;
  }

  /** Go along with new data. */
  refresh() {
    const [first, last] = this.#extent();
    if (this.mode === "fit") this.#set(...padded(first, last));
    if (this.mode === "follow") this.#set(last - this.length * (1 - MARGIN), last + this.length * MARGIN);
  }

  fit() {
    this.mode = "fit";
    this.refresh();
  }

  /** Keep the end visible, or stop doing so. */
  toggleFollow() {
    this.mode = this.mode === "follow" ? "free" : "follow";
    this.refresh();
    this.changed.emit();
  }

  /** Show less (factor below 1) or more, around a share of the width. */
  zoom(factor, share = 0.5) {
    const length = Math.min(LONGEST, Math.max(SHORTEST, this.length * factor));
    const anchor = this.from + this.length * share;
    if (this.mode !== "follow") this.mode = "free";
    this.#set(anchor - length * share, anchor + length * (1 - share));
    this.refresh();
  }

  /** Move by a share of the width. */
  pan(share) {
    this.mode = "free";
    this.#set(this.from + this.length * share, this.to + this.length * share);
  }

  /** Make some moments visible, with as little movement as possible. */
  show(first, last) {
    if (first >= this.from && last <= this.to) return;
    this.mode = "free";
    const length = Math.max(this.length, (last - first) * 1.2);
    const middle = (first + last) / 2;
    this.#set(middle - length / 2, middle + length / 2);
  }

  #set(from, to) {
    if (from === this.from && to === this.to) return;
    [this.from, this.to] = [from, to];
    this.changed.emit();
  }
}

function padded(first, last) {
  const margin = Math.max(last - first, 1) * MARGIN;
  return [first - margin, Math.max(last, first + 1) + margin];
}
