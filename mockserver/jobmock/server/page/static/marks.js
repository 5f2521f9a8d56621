/** Which marks a lane shows: requests that fall on the same few pixels have one mark. */

import { joined } from "./dom.js";
import { findingsOf } from "./findings.js";
import { count, duration, elapsed, grouped, requestLine } from "./formats.js";
import { firstIndex, outcomeOf } from "./journal.js";
import { place, view } from "./time_view.js";

/** Of several exchanges the worst decides how their mark looks. */
const FROM_BEST_TO_WORST = ["answered", "refused", "broken", "lost"];

const badness = ({ outcome }) => FROM_BEST_TO_WORST.indexOf(outcome);

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
    if (badness(exchange) > badness(mark.worst)) mark.worst = exchange;
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
  const start = first === last ? `Request ${first.number}` : `${count(exchanges.length, "request")}, ${first.number} to ${last.number},`;
  const what = first === last ? exchangeName(first) : outcomeCounts(exchanges);
  return `${start} at ${elapsed(first.at - started)}: ${what}${findings ? `, ${count(findings, "finding")}` : ""}`;
}

/** `3 answered, 1 refused` */
export function outcomeCounts(exchanges) {
  const counts = {};
  for (const exchange of exchanges) counts[outcomeOf(exchange)] = (counts[outcomeOf(exchange)] || 0) + 1;
  return Object.entries(counts).map(([outcome, number]) => `${grouped(number)} ${outcome}`).join(", ");
}

/** `status, 429, refused, respond rate_limited, Retry-After 7 s` */
export const exchangeName = (exchange) => joined([
  exchange.operation || requestLine(exchange).slice(0, 60), exchange.status, exchange.state, outcomeOf(exchange), ...special(exchange),
], ", ");

/** What was special about an exchange, in words. */
export const special = ({ fault, held, retry, at, page }) => [
  fault, held !== null && `held for ${duration(held - at)}`, retry !== null && `Retry-After ${duration(retry - at)}`,
  page && `page ${page.page}`,
];
