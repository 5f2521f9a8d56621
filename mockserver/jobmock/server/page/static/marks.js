/** Which marks a lane shows: requests that fall on the same few pixels have one mark. */

import { count, duration, elapsed, target } from "./formats.js";
import { firstIndex, outcomeOf, severityOf } from "./journal.js";

/** Return the marks of the exchanges within the view, from left to right. */
export function marksOf(exchanges, view, place, slotWidth, findingsOf) {
  const marks = [];
  const end = firstIndex(exchanges, ({ at }) => at > view.to);
  for (let index = firstIndex(exchanges, ({ at }) => at >= view.from); index < end; index++) {
    const exchange = exchanges[index];
    const slot = Math.floor(place(exchange.at) / slotWidth);
    if (marks.at(-1)?.slot !== slot) marks.push({ slot, x: place(exchange.at), exchanges: [], worst: exchange, findings: 0 });
    add(marks.at(-1), exchange, findingsOf(exchange.number).length);
  }
  return marks;
}

function add(mark, exchange, findings) {
  mark.exchanges.push(exchange);
  mark.findings += findings;
  if (severityOf(exchange) > severityOf(mark.worst)) mark.worst = exchange;
}

/** The shape of a mark. */
export const shapeOf = ({ worst }) =>
  worst.outcome === "answered" && worst.operation === "start" ? "start" : outcomeOf(worst);

/** The pages that the answers of a mark had: `2`, `1–3`, or null. */
export function pageOf(mark) {
  const pages = mark.exchanges.filter((exchange) => exchange.page).map((exchange) => exchange.page.page);
  if (!pages.length) return null;
  return pages[0] === pages.at(-1) ? String(pages[0]) : `${pages[0]}–${pages.at(-1)}`;
}

/** The sentence that names a mark. */
export function markName(mark, started) {
  const [first, last] = [mark.exchanges[0], mark.exchanges.at(-1)];
  const findings = mark.findings ? `, ${count(mark.findings, "finding")}` : "";
  if (first === last) return `Request ${first.number} at ${elapsed(first.at - started)}: ${exchangeName(first)}${findings}`;
  const numbers = `${first.number} to ${last.number}`;
  return `${count(mark.exchanges.length, "request")}, ${numbers}, at ${elapsed(first.at - started)}: ${outcomeCounts(mark.exchanges)}${findings}`;
}

/** `3 answered, 1 refused` */
export function outcomeCounts(exchanges) {
  const counts = new Map();
  for (const exchange of exchanges) counts.set(outcomeOf(exchange), (counts.get(outcomeOf(exchange)) || 0) + 1);
  return [...counts].map(([outcome, number]) => `${number} ${outcome}`).join(", ");
}

/** `status, 429, refused, Retry-After 7 s` */
export function exchangeName(exchange) {
  const { operation, method, status, state, retry, at, held, page, fault } = exchange;
  const parts = [
    operation || `${method} ${target(exchange).slice(0, 60)}`, status, state, outcomeOf(exchange),
    fault, held !== null && `held ${duration(held - at)}`, retry !== null && `Retry-After ${duration(retry - at)}`,
    page && `page ${page.page}`,
  ];
  return parts.filter(Boolean).join(", ");
}
