/** Draws the picture of one lane: spans of statuses, marks of requests, held answers, Retry-After. */

import { svg } from "./dom.js";
import { findings } from "./findings.js";
import { markName, marksOf, pagesOf, shapeOf } from "./marks.js";
import { place } from "./time_view.js";

/** Vertical places, in units of the font size. */
const TOP = 0.95;
const HEIGHT = 1.4;
const MIDDLE = TOP + HEIGHT / 2;
const BELOW = 2.4;
const PAGES = 3.47;
/** Requests that are nearer have one mark. */
const SLOT = 0.65;
const KINDS = {
  pending: "waiting", searching: "working", processing: "further", running: "working", generating_sections: "further",
  completed: "done", error: "failed", failed: "failed",
};

/** `scale` has unit (pixels per font size), width, now and started. */
export function drawLane({ spans, exchanges }, scale) {
  const { unit, width, now } = scale;
  const x = (at) => Math.max(-99, Math.min(width + 99, place(at, width)));
  const marks = marksOf(exchanges, width, unit * SLOT);
  return [
    ...spans.flatMap((span) => drawSpan(span, x, scale)), ...drawBars(exchanges, x, unit),
    svg("path", { class: "now", d: `M${x(now)} 0v${unit * PAGES}` }),
    ...marks.map((mark) => drawMark(mark, scale)), ...drawPages(marks, unit),
  ];
}

function drawSpan({ status, from, to }, x, { unit, width, now }) {
  const [left, right] = [Math.max(0, x(from)), Math.min(width, x(to ?? Math.max(now, from)))];
  if (right < 0 || left > width) return [];
  const size = Math.max(1, right - left - 1);
  const kind = KINDS[status] || "other";
  const bar = svg("rect", { class: `span ${kind}`, x: left, y: TOP * unit, width: size, height: HEIGHT * unit, rx: 2 });
  if (size < status.length * unit * 0.46) return [bar];
  return [bar, svg("text", { class: "span-name", x: left + 2, y: unit * 0.72 }, status)];
}

/** Lines from a request to the answer that was held, and hatched bars of Retry-After. */
function drawBars(exchanges, x, unit) {
  let [held, retries] = ["", ""];
  for (const exchange of exchanges) {
    const [left, end, again] = [exchange.at, exchange.held ?? exchange.at, exchange.retry ?? exchange.at].map(x);
    if (end > left) held += `M${left} ${MIDDLE * unit}H${end}m0 ${-unit * 0.3}v${unit * 0.6}`;
    if (again > left) retries += `M${left} ${BELOW * unit}H${again}v${unit * 0.38}H${left}z`;
  }
  return [held && svg("path", { class: "held-line", d: held }), retries && svg("path", { class: "retry", d: retries })].filter(Boolean);
}

function drawMark(mark, { unit, started }) {
  const { exchanges, worst, x } = mark;
  const chosen = exchanges.some(({ number }) => findings.highlighted.has(number));
  const shape = shapeOf(worst);
  const several = exchanges.length > 1 ? " several" : "";
  return svg("g", {
    class: `mark ${shape}${several}${chosen ? " highlighted" : ""}`, role: "button", tabindex: -1, "aria-label": markName(mark, started),
    "data-exchange": worst.number, "data-first": exchanges[0].number, "data-last": exchanges.at(-1).number,
    "data-outcome": worst.outcome, "data-findings": mark.findings || null, "data-highlighted": chosen,
    transform: `translate(${x.toFixed(1)} 0)`,
  },
  svg("rect", { class: "halo", x: -unit * 0.4, y: TOP * unit - 2, width: unit * 0.8, height: HEIGHT * unit + 4, rx: 3 }),
  svg("path", { class: "shape", d: SHAPES[shape](unit, MIDDLE * unit) }),
  mark.findings && svg("path", { class: "flag", d: flag(unit * 0.34, BELOW * unit) }));
}

function drawPages(marks, unit) {
  let free = -Infinity;
  return marks.filter((mark) => {
    const pages = pagesOf(mark);
    if (!pages || mark.x < free) return false;
    free = mark.x + unit * (0.4 + 0.5 * pages.length);
    return true;
  }).map((mark) => svg("text", { class: "page", x: mark.x, y: unit * PAGES }, pagesOf(mark)));
}

const circle = (size, y) => `M0 ${y - size}a${size} ${size} 0 1 1 0 ${2 * size}a${size} ${size} 0 1 1 0 ${-2 * size}z`;

const diamond = (size, y) => `M0 ${y - size}L${size} ${y}L0 ${y + size}L${-size} ${y}z`;

const cross = (size, y) => `M${-size} ${y - size}L${size} ${y + size}M${size} ${y - size}L${-size} ${y + size}`;

const flag = (size, y) => `M0 ${y}l${size} ${size * 1.5}h${-2 * size}z`;

const tick = (unit, y) => `M0 ${y - unit * 0.58}v${unit * 1.16}`;

/** The path of each shape, around x = 0. */
const SHAPES = {
  answered: tick,
  held: (unit, y) => tick(unit, y) + circle(unit * 0.22, y),
  start: (unit, y) => `${tick(unit, y)}M0 ${y - unit * 0.6}l${unit * 0.5} ${unit * 0.3}l${-unit * 0.5} ${unit * 0.3}z`,
  refused: (unit, y) => diamond(unit * 0.38, y),
  broken: (unit, y) => cross(unit * 0.32, y),
  lost: (unit, y) => circle(unit * 0.34, y),
};

const icon = (className, path) =>
  svg("svg", { class: `icon ${className}`, viewBox: "-8 0 16 16", "aria-hidden": "true" }, path);

/** A small picture of a shape, for the legend and the table. */
export const shapeIcon = (shape) => icon(`mark ${shape}`, svg("path", { class: "shape", d: SHAPES[shape](13, 8) }));

export const flagIcon = () => icon("", svg("path", { class: "flag", d: flag(6, 3) }));
