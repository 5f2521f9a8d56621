/** Draws the picture of one lane: spans of statuses, marks of requests, held answers, Retry-After. */

import { svg } from "./dom.js";
import { markName, marksOf, pageOf, shapeOf } from "./marks.js";

/** Vertical places, in units of the font size. */
const BAND = [0.95, 1.4];
const BELOW = 2.4;
const PAGE_LINE = 3.55;
/** Requests that are nearer have one mark. */
const SLOT = 0.65;
const KINDS = {
  pending: "waiting", searching: "working", processing: "working-more", running: "working", generating_sections: "working-more",
  completed: "done", error: "failed", failed: "failed",
};

/** `drawing` has unit (pixels per font size), width, view, now, started, findingsOf and highlighted. */
export function drawLane(job, drawing) {
  const place = (at) => Math.max(-99, Math.min(drawing.width + 99, ((at - drawing.view.from) / drawing.view.length) * drawing.width));
  const at = { ...drawing, place };
  const marks = marksOf(job.exchanges, drawing.view, place, drawing.unit * SLOT, drawing.findingsOf);
  const parts = [...job.spans.flatMap((span) => drawSpan(span, at)), ...drawBars(job.exchanges, at), drawNow(at)];
  return [...parts, ...marks.map((mark) => drawMark(mark, at)), ...drawPages(marks, at)];
}

function drawSpan({ status, from, to }, { place, unit, now, width }) {
  const [left, right] = [Math.max(0, place(from)), Math.min(width, place(to ?? Math.max(now, from)))];
  if (right < 0 || left > width) return [];
  const [top, height] = BAND.map((share) => share * unit);
  const kind = KINDS[status] || "other";
  const size = Math.max(1, right - left - 1);
  const band = svg("rect", { class: `span ${kind}`, x: left, y: top, width: size, height, rx: 2 });
  if (size < status.length * unit * 0.46) return [band];
  return [band, svg("text", { class: "span-name", x: left + 2, y: unit * 0.72 }, status)];
}

/** Lines from a request to the answer that was held, and hatched bars of Retry-After. */
function drawBars(exchanges, { place, unit, width }) {
  const [held, caps, retries] = [[], [], []];
  const middle = (BAND[0] + BAND[1] / 2) * unit;
  for (const exchange of exchanges) {
    const left = place(exchange.at);
    if (exchange.held !== null) addBar(held, left, place(exchange.held), width, (x, length) => `M${x} ${middle}h${length}`);
    if (exchange.held !== null) caps.push(`M${place(exchange.held)} ${middle - unit * 0.3}v${unit * 0.6}`);
    const height = unit * 0.38;
    if (exchange.retry !== null) {
      addBar(retries, left, place(exchange.retry), width, (x, length) => `M${x} ${BELOW * unit}h${length}v${height}h${-length}z`);
    }
  }
  return [
    held.length && svg("path", { class: "held-line", d: held.join("") + caps.join("") }),
    retries.length && svg("path", { class: "retry", d: retries.join("") }),
  ].filter(Boolean);
}

function addBar(paths, left, right, width, path) {
  if (right < 0 || left > width) return;
  paths.push(path(left.toFixed(1), Math.max(1, right - left).toFixed(1)));
}

function drawNow({ place, now, unit }) {
  const x = place(now);
  return svg("line", { class: "now", x1: x, x2: x, y1: 0, y2: unit * PAGE_LINE });
}

function drawMark(mark, { unit, highlighted, started }) {
  const numbers = mark.exchanges.map(({ number }) => number);
  const chosen = numbers.some((number) => highlighted.has(number));
  const attributes = {
    class: `mark ${shapeOf(mark)}${mark.exchanges.length > 1 ? " several" : ""}${chosen ? " highlighted" : ""}`,
    role: "button", tabindex: -1, "aria-label": markName(mark, started),
    "data-exchange": mark.worst.number, "data-first": numbers[0], "data-last": numbers.at(-1), "data-outcome": mark.worst.outcome,
    "data-findings": mark.findings || null, "data-highlighted": chosen || null, transform: `translate(${mark.x.toFixed(1)} 0)`,
  };
  const [top, height] = BAND.map((share) => share * unit);
  const halo = svg("rect", { class: "halo", x: -unit * 0.4, y: top - 2, width: unit * 0.8, height: height + 4, rx: 3 });
  const shape = svg("path", { class: "shape", d: SHAPES[shapeOf(mark)](unit, top, height) });
  return svg("g", attributes, halo, shape, mark.findings ? drawFlag(unit) : null);
}

function drawFlag(unit) {
  const y = (BELOW + 0.02) * unit;
  return svg("path", { class: "flag", d: `M0 ${y}l${unit * 0.34} ${unit * 0.5}h${-unit * 0.68}z` });
}

function drawPages(marks, { unit }) {
  let free = -Infinity;
  return marks.flatMap((mark) => {
    const page = pageOf(mark);
    if (page === null || mark.x < free) return [];
    free = mark.x + unit * (0.4 + 0.5 * page.length);
    return [svg("text", { class: "page", x: mark.x, y: unit * (PAGE_LINE - 0.08) }, page)];
  });
}

/** The path of each shape, around x = 0. */
const SHAPES = {
  answered: (unit, top, height) => `M0 ${top + 2}v${height - 4}`,
  held: (unit, top, height) => `M0 ${top + 2}v${height - 4}M0 ${top + height / 2 - unit * 0.22}${circle(unit * 0.22)}`,
  start: (unit, top, height) => `M0 ${top + 1}v${height - 2}M0 ${top + 1}l${unit * 0.5} ${unit * 0.3}l${-unit * 0.5} ${unit * 0.3}z`,
  refused: (unit, top, height) => {
    const size = unit * 0.38;
    return `M0 ${top + height / 2 - size}l${size} ${size}l${-size} ${size}l${-size} ${-size}z`;
  },
  broken: (unit, top, height) => {
    const size = unit * 0.32;
    return `M${-size} ${top + height / 2 - size}l${2 * size} ${2 * size}m0 ${-2 * size}l${-2 * size} ${2 * size}`;
  },
  lost: (unit, top, height) => `M0 ${top + height / 2 - unit * 0.34}${circle(unit * 0.34)}`,
};

const circle = (radius) => `a${radius} ${radius} 0 1 1 0 ${2 * radius}a${radius} ${radius} 0 1 1 0 ${-2 * radius}z`;

/** A small picture of a shape, for the legend and the table. */
export function shapePicture(shape) {
  const node = svg("svg", { class: `icon mark ${shape}`, viewBox: "-8 0 16 16", "aria-hidden": "true" });
  node.append(svg("path", { class: "shape", d: SHAPES[shape](13, 1, 14) }));
  return node;
}

export function flagPicture() {
  const flag = svg("path", { class: "flag", d: "M0 3l6 10h-12z" });
  return svg("svg", { class: "icon", viewBox: "-8 0 16 16", "aria-hidden": "true" }, flag);
}
