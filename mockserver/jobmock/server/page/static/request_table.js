/** The requests as a table. Only its visible rows are in the document, and one row can show all fields. */

import { button, byId, element, oncePerFrame, setText, signal, span } from "./dom.js";
import { findings, findingsOf } from "./findings.js";
import { elapsed, grouped, requestLine, shortId } from "./formats.js";
import { find, journal, outcomeOf } from "./journal.js";
import { flagIcon, shapeIcon } from "./lane_drawing.js";
import { exchangeName, shapeOf, special } from "./marks.js";
import { namespaces, reading } from "./namespaces.js";
import { clearFilter, filterChanged, filterTest, onlyFindings } from "./request_filter.js";
import { requestDetails } from "./request_details.js";
import { view } from "./time_view.js";
import { virtualRows } from "./virtual_rows.js";

const COLUMNS = 6;
const AT_END = 4;

/** Emits an exchange whose mark is wanted. */
export const wantedMark = signal();

/** The rows, the exchange that shows all fields, and the number of the row that Tab reaches. */
let [rows, opened, entry] = [null, null, null];

function show(exchanges) {
  const scroller = byId("request-scroller");
  const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < AT_END;
  if (!exchanges.includes(opened)) opened = null;
  rows.show(exchanges);
  const all = journal.exchanges.length;
  const dropped = journal.dropped ? `, ${grouped(journal.dropped)} older ones are gone` : "";
  setText("requests-count", `${exchanges.length === all ? "" : `${grouped(exchanges.length)} of `}${grouped(all)}${dropped}`);
  setText("requests-empty", all ? "No request fits the filter." : "There are no requests yet.");
  byId("requests-empty").hidden = exchanges.length > 0;
  byId("request-table").setAttribute("aria-rowcount", exchanges.length + 1);
  if (!atEnd || view.mode === "free" || opened) return;
  scroller.scrollTop = scroller.scrollHeight;
  rows.draw();
}

const showFiltered = () => namespaces.state && show(journal.exchanges.filter(filterTest()));

const redraw = () => rows.draw(true);

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
    showFiltered();
  }
  if (open) setOpened(exchange);
  const index = rows.items().indexOf(exchange);
  rows.reveal(index);
  if (open) rows.reveal(index);
}

function setOpened(exchange) {
  [opened, entry] = [exchange, exchange?.number ?? entry];
  redraw();
  rows.draw();
}

function create(exchange) {
  const { number, at, job, operation, outcome, status, state, error } = exchange;
  const cell = (name, ...children) => element("td", { class: name }, ...children);
  const line = requestLine(exchange);
  const row = element("tr", { "data-exchange": number, "data-outcome": outcome, title: line, onclick: () => toggle(exchange) },
    cell("n", button(number, null, { class: "toggle", "aria-label": `Request ${number}: ${exchangeName(exchange)}` })),
    cell("t", elapsed(at - reading().started, 3)),
    cell("r", operation && span("operation", operation), ` ${line}`),
    cell("j", job && shortId(job)),
    cell("a", span(`status s${String(status)[0]}`, String(status ?? "–")), ` ${state || error || ""}`),
    cell("o"));
  return element("tbody", { class: "request" }, row);
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
  node.setAttribute("tabindex", (find(entry) ? entry : rows.items()[0].number) === exchange.number ? 0 : -1);
  showDetails(body, isOpen && exchange);
}

function showDetails(body, exchange) {
  const found = exchange && String(findingsOf(exchange.number).length);
  if (body.children[1]?.dataset.findings === found) return;
  body.children[1]?.remove();
  if (!exchange) return;
  const details = requestDetails(exchange, reading().started, () => wantedMark(exchange));
  body.append(element("tr", { class: "opened", "data-findings": found }, element("td", { colspan: COLUMNS }, details)));
}

/** The shape of the outcome, and in words what was special. */
function outcomeParts(exchange) {
  const outcome = outcomeOf(exchange);
  const words = [["answered", "held"].includes(outcome) ? "" : outcome, ...special(exchange), exchange.note];
  const flag = findingsOf(exchange.number).length ? [flagIcon(), span("unseen", "finding ")] : [];
  return [shapeIcon(shapeOf(exchange)), ...flag, words.filter(Boolean).join(" · ")];
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
  redraw();
  rows.row(entry)?.querySelector(".toggle").focus({ preventScroll: true });
}

export function connectTable() {
  const [before, after] = [0, 0].map(() => element("tbody", { class: "spacer", "aria-hidden": "true" }));
  byId("request-table").append(before, after);
  rows = virtualRows(byId("request-scroller"), before, after, {
    key: ({ number }) => number, create, refresh, opened: () => opened,
    rowHeight: () => document.querySelector("tr[data-exchange]")?.offsetHeight || 30,
  });
  const filterSoon = oncePerFrame(showFiltered);
  journal.changed.on((others) => others && filterSoon());
  filterChanged.on(filterSoon);
  findings.changed.on(() => (onlyFindings() ? filterSoon() : redraw()));
  findings.chose.on((finding) => {
    if (finding) reveal(finding.exchanges[0]);
    redraw();
  });
  byId("request-scroller").addEventListener("keydown", moveFocus);
}
