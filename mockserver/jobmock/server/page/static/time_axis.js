/** Draws the axis: moments at round distances, counted from the start of the clock. */

import { element } from "./dom.js";
import { elapsed } from "./formats.js";

const STEPS = [
  ...[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60),
  ...[1, 2, 3, 6, 12].map((hours) => hours * 3600),
  ...[1, 2, 5, 10, 20, 50, 100, 365, 1000, 3650].map((days) => days * 86400),
];

/** Return the moments of the axis as {at, label}. */
export function axisMoments(view, started, width, labelWidth) {
  const least = (view.length * labelWidth) / width;
  const step = STEPS.find((size) => size >= least) || STEPS.at(-1);
  const digits = step >= 1 ? 0 : Math.min(3, Math.ceil(-Math.log10(step)));
  const first = Math.ceil((view.from - started) / step);
  const last = Math.floor((view.to - started) / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => {
    const seconds = (first + index) * step;
    return { at: started + seconds, label: elapsed(seconds, digits) };
  });
}

export function drawAxis(container, moments, place) {
  const labels = moments.map(({ at, label }) => {
    const node = element("span", null, label);
    node.style.left = `${place(at)}px`;
    return node;
  });
  container.replaceChildren(...labels);
}
