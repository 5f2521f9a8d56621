/** Which marks a lane shows: requests that fall on the same few pixels have one mark. */

import { findingsOf } from "./findings.js";
import { count, duration, elapsed, grouped, requestLine } from "./formats.js";
import { firstIndex, outcomeOf } from "./journal.js";
import { place, view } from "./time_view.js";

/** From the best to the worst: of several exchanges the worst decides how their mark looks. */
const OUTCOMES = ["answered", "refused", "broken", "lost"];

/** Return the marks of the exchanges within the view, from left to right. */
export function marksOf(exchanges, width, slotWidth) {
  const marks = [];
  const end = firstIndex(exchanges, ({ at }) => at > view.to);
  for (let index = firstIndex(exchanges, ({ at }) => at >= view.from); index < end; index++) {
    const exchange = exchanges[index];
    const x = place(exchange.at, width);
    const slot = Math.floor(x / slotWidth);
    if (marks.at(-1)?.slot !== slot) marks.push({ slot, x, exchanges: [], worst: exchange, findings: 0 });
    const mark = marks.at(-1);
    mark.exchanges.push(exchange);
    mark.findings += findingsOf(exchange.number).length;
    if (OUTCOMES.indexOf(exchange.outcome) > OUTCOMES.indexOf(mark.worst.outcome)) mark.worst = exchange;
  }
  return marks;
}

export const shapeOf = (exchange) =>
  exchange.operation === "start" && exchange.outcome === "answered" ? "start" : outcomeOf(exchange);

/** The pages that the answers of a mark had: `2`, `1–3`, or nothing. */
export function pagesOf({ exchanges }) {
  const pages = exchanges.filter(({ page }) => page).map(({ page }) => page.page);
  return pages[0] === pages.at(-1) ? String(pages[0] ?? "") : `${pages[0]}–${pages.at(-1)}`;
}

/** The sentence that names a mark. */
export function markName({ exchanges, findings }, started) {
  const [first, last] = [exchanges[0], exchanges.at(-1)];
  const time = `at ${elapsed(first.at - started)}`;
  const end = findings ? `, ${count(findings, "finding")}` : "";
  if (first === last) return `Request ${first.number} ${time}: ${exchangeName(first)}${end}`;
  return `${count(exchanges.length, "request")}, ${first.number} to ${last.number}, ${time}: ${outcomeCounts(exchanges)}${end}`;
}

/** `3 answered, 1 refused` */
export function outcomeCounts(exchanges) {
  const counts = {};
  for (const exchange of exchanges) counts[outcomeOf(exchange)] = (counts[outcomeOf(exchange)] || 0) + 1;
  return Object.entries(counts).map(([outcome, number]) => `${grouped(number)} ${outcome}`).join(", ");
}

/** `status, 429, refused, respond rate_limited, Retry-After 7 s` */
export function exchangeName(exchange) {
  const { operation, status, state } = exchange;
  const parts = [operation || requestLine(exchange).slice(0, 60), status, state, outcomeOf(exchange), ...special(exchange)];
  return parts.filter(Boolean).join(", ");
}

/** What was special about an exchange, in words. */
export const special = ({ fault, held, retry, at, page }) => [
  fault, held !== null && `held for ${duration(held - at)}`, retry !== null && `Retry-After ${duration(retry - at)}`,
  page && `page ${page.page}`,
].filter(Boolean);
