/** The requests as a table. Only its visible rows are in the document, and one row can show all fields. */

import { button, byId, element, joined, on, oncePerFrame, setText, signal, visible } from "./dom.js";
import { findings, findingsOf } from "./findings.js";
import { elapsed, grouped, requestLine, shortId } from "./formats.js";
import { find, journal, outcomeOf } from "./journal.js";
import { flagIcon, shapeIcon } from "./lane_drawing.js";
import { exchangeName, shapeOf, special } from "./marks.js";
import { namespaces, reading } from "./namespaces.js";
import { clearFilter, filterChanged, filterTest } from "./request_filter.js";
import { requestDetails } from "./request_details.js";
import { view } from "./time_view.js";
import { virtualRows } from "./virtual_rows.js";

const COLUMNS = 6;

/** Emits an exchange whose mark is wanted. */
export const wantedMark = signal();

/** The rows, the exchange that shows all fields, and the number of the row that Tab reaches. */
let [rows, opened, entry] = [null, null, null];

function show() {
  if (!namespaces.state) return;
  const exchanges = journal.exchanges.filter(filterTest());
  if (!exchanges.includes(opened)) opened = null;
  showCount(exchanges.length);
  rows.show(exchanges);
}

function showCount(number) {
  const all = journal.exchanges.length;
  const dropped = journal.dropped ? `, ${grouped(journal.dropped)} older ones are gone` : "";
  setText("requests-count", `${number === all ? "" : `${grouped(number)} of `}${grouped(all)}${dropped}`);
  setText("requests-empty", all ? "No request fits the filter." : "There are no requests yet.");
  byId("requests-empty").hidden = number > 0;
  byId("request-table").setAttribute("aria-rowcount", number + 1);
}

/** Scroll to a request, open it, and give it the focus. */
export function revealRequest(number) {
  reveal(number, true);
  rows.row(number)?.querySelector("button").focus({ preventScroll: true });
}

function reveal(number, open) {
  const exchange = find(number);
  if (!exchange) return;
  if (!rows.items().includes(exchange)) {
    clearFilter();
    show();
  }
  if (open) setOpened(exchange);
  rows.reveal(rows.items().indexOf(exchange));
}

/** Show all fields of one exchange. Its height is known once it is drawn, so the rows are drawn twice. */
function setOpened(exchange) {
  [opened, entry] = [exchange, exchange?.number ?? entry];
  rows.draw(true);
  rows.draw();
}

function create(exchange) {
  const { number, at, job, operation, outcome, status, state, error } = exchange;
  const line = requestLine(exchange);
  return element("tbody.request",
    element("tr", { "data-exchange": number, "data-outcome": outcome, title: line, onclick: () => toggle(exchange) },
      element("td.n", button(".toggle", String(number), null, { "aria-label": `Request ${number}: ${exchangeName(exchange)}` })),
      element("td.t", elapsed(at - reading().started, 3)),
      element("td.r", operation && element("b", operation), ` ${line}`),
      element("td.j", job && shortId(job)),
      element(`td.a.s${String(status)[0]}`, element("b", String(status ?? "–")), element("span", ` ${state || error || ""}`)),
      element("td.o")));
}

/** A click that selects text opens nothing. */
function toggle(exchange) {
  if (!getSelection().toString()) setOpened(opened === exchange ? null : exchange);
}

function refresh(body, exchange, index) {
  const row = body.firstChild;
  const highlighted = findings.highlighted.has(exchange.number);
  row.lastChild.replaceChildren(...outcomeParts(exchange));
  row.setAttribute("aria-rowindex", index + 2);
  row.toggleAttribute("data-highlighted", highlighted);
  body.classList.toggle("highlighted", highlighted);
  const isOpen = exchange === opened;
  const node = row.querySelector(".toggle");
  node.setAttribute("aria-expanded", isOpen);
  node.setAttribute("tabindex", exchange.number === entry ? 0 : -1);
  showDetails(body, isOpen && exchange);
}

function showDetails(body, exchange) {
  const found = exchange && String(findingsOf(exchange.number).length);
  if (body.children[1]?.dataset.findings === found) return;
  body.children[1]?.remove();
  if (!exchange) return;
  const details = requestDetails(exchange, reading().started, () => wantedMark(exchange));
  body.append(element("tr.opened", { "data-findings": found }, element("td", { colspan: COLUMNS }, details)));
}

/** The shape of the outcome, and in words what was special. */
function outcomeParts(exchange) {
  const outcome = outcomeOf(exchange);
  const words = joined([["answered", "held"].includes(outcome) ? "" : outcome, ...special(exchange), exchange.note]);
  const flag = findingsOf(exchange.number).length ? [flagIcon(), element("span.unseen", "finding ")] : [];
  return [shapeIcon(shapeOf(exchange)), ...flag, visible(words)];
}

/** Tab goes from the table to the row where the user was, or to the first visible one. */
function offerRow() {
  if (rows.row(entry)) return;
  const top = byId("request-scroller").getBoundingClientRect().top;
  entry = rows.items().find(({ number }) => rows.row(number)?.getBoundingClientRect().top > top)?.number;
  rows.draw(true);
}

/** Up and down move between the rows. */
function moveFocus(event) {
  const distance = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const current = event.target.closest(".toggle") && find(Number(event.target.closest("tr").dataset.exchange));
  if (!distance || !current) return;
  event.preventDefault();
  const index = rows.items().indexOf(current) + distance;
  const next = rows.items()[index];
  if (!next) return;
  entry = next.number;
  rows.reveal(index);
  rows.draw(true);
  rows.row(entry)?.querySelector(".toggle").focus({ preventScroll: true });
}

export function connectTable() {
  const [before, after] = [0, 0].map(() => element("tbody.spacer", { "aria-hidden": "true" }));
  byId("request-table").append(before, after);
  rows = virtualRows(byId("request-scroller"), before, after, {
    key: ({ number }) => number, create, refresh, opened: () => opened, followsEnd: () => view.mode !== "free" && !opened,
  });
  const showSoon = oncePerFrame(show);
  journal.changed.on((others) => others && showSoon());
  filterChanged.on(showSoon);
  findings.changed.on(showSoon);
  findings.chose.on((finding) => {
    if (finding) reveal(finding.exchanges[0]);
    rows.draw(true);
  });
  on("request-scroller", "keydown", moveFocus);
  on("request-scroller", "focusin", offerRow);
}
