/** The stretch of time that the lanes show, and the moments of its axis. */

import { signal } from "./dom.js";
import { elapsed } from "./formats.js";

const SHORTEST = 0.01;
const LONGEST = 3e9;
const MARGIN = 0.03;

/** Mode `fit` shows all, `follow` keeps the end of time visible, `free` stays where the user went. */
export const view = { from: 0, to: 1, mode: "fit", changed: signal() };

const length = () => view.to - view.from;

/** Return the place of a moment, in pixels. */
export const place = (at, width) => ((at - view.from) / length()) * width;

/** Go along with new data, of which there is something to show from `first` to `last`. */
export function goAlong(first, last) {
  const margin = Math.max(last - first, 1) * MARGIN;
  if (view.mode === "fit") set(first - margin, Math.max(last, first + 1) + margin);
  if (view.mode === "follow") set(last - length() * (1 - MARGIN), last + length() * MARGIN);
}

export function setMode(mode) {
  view.mode = mode;
  view.changed();
}

/** Show less (factor below 1) or more, around a share of the width. */
export function zoom(factor, share = 0.5) {
  const longer = Math.min(LONGEST, Math.max(SHORTEST, length() * factor));
  const anchor = view.from + length() * share;
  if (view.mode === "fit") view.mode = "free";
  set(anchor - longer * share, anchor + longer * (1 - share));
}

/** Move by a share of the width. */
export function pan(share) {
  view.mode = "free";
  set(view.from + length() * share, view.to + length() * share);
}

/** Make some moments visible. */
export function showTime(first, last) {
  if (first >= view.from && last <= view.to) return;
  view.mode = "free";
  const half = Math.max(length(), (last - first) * 1.2) / 2;
  set((first + last) / 2 - half, (first + last) / 2 + half);
}

function set(from, to) {
  if (from === view.from && to === view.to) return;
  Object.assign(view, { from, to });
  view.changed();
}

const STEPS = [
  ...[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800],
  ...[1, 2, 3, 6, 12, 24, 48, 120, 240, 480, 1200, 2400, 8760, 24000, 87600].map((hours) => hours * 3600),
];

/** Return the moments of the axis as {at, label}, at round distances from the start of the clock. */
export function axisMoments(started, width, labelWidth) {
  const step = STEPS.find((size) => size >= (length() * labelWidth) / width) || STEPS.at(-1);
  const digits = step >= 1 ? 0 : Math.ceil(-Math.log10(step));
  const moments = [];
  for (let index = Math.ceil((view.from - started) / step); index * step <= view.to - started; index++) {
    moments.push({ at: started + index * step, label: elapsed(index * step, digits) });
  }
  return moments;
}
