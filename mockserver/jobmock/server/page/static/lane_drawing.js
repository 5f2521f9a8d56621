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
  const flags = marks.filter((mark) => mark.findings).map((mark) => flag(mark.x, BELOW * unit, unit * 0.34));
  return [
    ...spans.flatMap((span) => drawSpan(span, x, scale)), ...drawBars(exchanges, x, unit),
    svg("path.now", { d: `M${x(now)} 0v${unit * PAGES}` }),
    ...marks.filter(isHighlighted).map((mark) => drawHalo(mark, unit)), svg("path.flag", { d: flags.join("") }),
    ...marks.map((mark) => drawMark(mark, scale)), ...drawPages(marks, unit),
  ];
}

function drawSpan({ status, from, to }, x, { unit, width, now }) {
  const [left, right] = [Math.max(0, x(from)), Math.min(width, x(to ?? Math.max(now, from)))];
  if (right < 0 || left > width) return [];
  const size = Math.max(1, right - left - 1);
  const bar = svg(`rect.span.${KINDS[status] || "other"}`, { x: left, y: TOP * unit, width: size, height: HEIGHT * unit, rx: 2 });
  if (size < status.length * unit * 0.46) return [bar];
  return [bar, svg("text.span-name", { x: left + 2, y: unit * 0.72 }, status)];
}

/** Lines from a request to the answer that was held, and hatched bars of Retry-After. */
function drawBars(exchanges, x, unit) {
  let [held, retries] = ["", ""];
  for (const exchange of exchanges) {
    const [left, end, again] = [exchange.at, exchange.held ?? exchange.at, exchange.retry ?? exchange.at].map(x);
    if (end > left) held += `M${left} ${MIDDLE * unit}H${end}m0 ${-unit * 0.3}v${unit * 0.6}`;
    if (again > left) retries += `M${left} ${BELOW * unit}H${again}v${unit * 0.38}H${left}z`;
  }
  return [held && svg("path.held-line", { d: held }), retries && svg("path.retry", { d: retries })].filter(Boolean);
}

/** A mark is one element, because a page full of marks is drawn often. */
function drawMark(mark, { unit, started }) {
  const { exchanges, worst, x } = mark;
  const shape = shapeOf(worst);
  const several = exchanges.length > 1;
  return svg(`path.mark.${shape}${several ? ".several" : ""}`, {
    role: "button", tabindex: -1, "aria-label": markName(mark, started),
    "data-exchange": worst.number, "data-first": exchanges[0].number, "data-last": several && exchanges.at(-1).number,
    "data-outcome": worst.outcome, "data-findings": mark.findings || null, "data-highlighted": isHighlighted(mark),
    "data-x": Math.round(x), d: SHAPES[shape](x, MIDDLE * unit, unit),
  });
}

const isHighlighted = ({ exchanges }) => exchanges.some(({ number }) => findings.highlighted.has(number));

const drawHalo = ({ x }, unit) =>
  svg("rect.halo", { x: x - unit * 0.45, y: TOP * unit - 2, width: unit * 0.9, height: HEIGHT * unit + 4, rx: 3 });

function drawPages(marks, unit) {
  let free = -Infinity;
  return marks.map((mark) => {
    const pages = pagesOf(mark);
    if (!pages || mark.x < free) return "";
    free = mark.x + unit * (0.4 + 0.5 * pages.length);
    return svg("text.page", { x: mark.x, y: unit * PAGES }, pages);
  }).filter(Boolean);
}

const circle = (x, y, size) => `M${x} ${y - size}a${size} ${size} 0 1 1 0 ${2 * size}a${size} ${size} 0 1 1 0 ${-2 * size}z`;

const flag = (x, y, size) => `M${x} ${y}l${size} ${size * 1.5}h${-2 * size}z`;

const tick = (x, y, unit) => `M${x - unit * 0.06} ${y - unit * 0.58}h${unit * 0.12}v${unit * 1.16}h${-unit * 0.12}z`;

const lines = (unit, ...steps) => steps.map((step) => step * unit).join(" ");

/** The path of each shape around a point. */
const SHAPES = {
  answered: tick,
  held: (x, y, unit) => tick(x, y, unit) + circle(x, y, unit * 0.22),
  start: (x, y, unit) => `${tick(x, y, unit)}M${x} ${y - unit * 0.6}l${lines(unit, 0.5, 0.3, -0.5, 0.3)}z`,
  refused: (x, y, unit) => `M${x} ${y - unit * 0.38}l${lines(unit * 0.38, 1, 1, -1, 1, -1, -1)}z`,
  broken: (x, y, unit) => `M${x} ${y}${[1, -1].map((side) => `m${lines(unit * 0.3, -1, -side)}l${lines(unit * 0.3, 2, 2 * side)}m${lines(unit * 0.3, -1, -side)}`).join("")}`,
  lost: (x, y, unit) => circle(x, y, unit * 0.34),
};

const icon = (path) => svg("svg.icon", { viewBox: "-8 0 16 16", "aria-hidden": "true" }, path);

/** A small picture of a shape, for the legend and the table. */
export const shapeIcon = (shape) => icon(svg(`path.mark.${shape}`, { d: SHAPES[shape](0, 8, 13) }));

export const flagIcon = () => icon(svg("path.flag", { d: flag(0, 3, 6) }));
