/** The requests as a table. Only its visible rows are in the document, and one row can show all fields. */

import { byId, element, oncePerFrame, setText, signal } from "./dom.js";
import { duration, elapsed, grouped, shortId, target } from "./formats.js";
import { outcomeOf } from "./journal.js";
import { flagPicture, shapePicture } from "./lane_drawing.js";
import { exchangeName } from "./marks.js";
import { requestDetails } from "./request_details.js";
import { VirtualRows } from "./virtual_rows.js";

const COLUMNS = 6;
const AT_END = 4;

export class RequestTable {
  /** Emits an exchange whose mark is wanted. */
  wantedMark = signal();
  follow = () => true;
  #journal;
  #findings;
  #highlight;
  #filter;
  #rows;
  #opened = null;
  #entry = null;
  #started = 0;
  #refilter = oncePerFrame(() => this.#show(this.#journal.exchanges.filter(this.#filter.test())));

  constructor(journal, findings, highlight, filter) {
    [this.#journal, this.#findings, this.#highlight, this.#filter] = [journal, findings, highlight, filter];
    const [before, after] = [spacer(), spacer()];
    byId("request-table").append(before, after);
    this.#rows = new VirtualRows(byId("request-scroller"), before, after, {
      key: ({ number }) => number, create: (exchange) => this.#create(exchange),
      refresh: (row, exchange, index) => this.#refresh(row, exchange, index), opened: () => this.#opened,
      rowHeight: () => byId("request-table").querySelector("tr[data-exchange]")?.offsetHeight || 30,
    });
    filter.changed.on(this.#refilter);
    highlight.changed.on(() => this.#rows.redraw());
    findings.changed.on(() => (filter.onlyFindings ? this.#refilter() : this.#rows.redraw()));
    byId("request-scroller").addEventListener("keydown", (event) => this.#moveFocus(event));
  }

  /** Take new exchanges, or begin anew. */
  take({ fresh, restarted }, started) {
    this.#started = started;
    if (restarted) this.#opened = null;
    this.#filter.offerJobs([...this.#journal.jobs.keys()].filter((id) => id !== null));
    if (fresh.length || restarted) this.#refilter();
  }

  /** Scroll to a request, open it if wanted, and give it the focus. */
  reveal(number, { open = false, focus = false } = {}) {
    const exchange = this.#journal.find(number);
    if (!exchange) return;
    if (!this.#rows.items.includes(exchange)) {
      this.#filter.clear();
      this.#show(this.#journal.exchanges);
    }
    if (open) this.#open(exchange);
    this.#rows.reveal(this.#rows.items.indexOf(exchange));
    if (focus) this.#rows.row(number)?.querySelector("button").focus({ preventScroll: true });
  }

  #show(exchanges) {
    const scroller = byId("request-scroller");
    const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < AT_END;
    if (this.#opened && !exchanges.includes(this.#opened)) this.#opened = null;
    this.#rows.show(exchanges);
    const all = this.#journal.exchanges.length;
    const dropped = this.#journal.dropped ? `, ${grouped(this.#journal.dropped)} older ones are gone` : "";
    setText(byId("requests-count"), `${exchanges.length === all ? "" : `${grouped(exchanges.length)} of `}${grouped(all)}${dropped}`);
    setText(byId("requests-empty"), all ? "No request fits the filter." : "There are no requests yet.");
    byId("requests-empty").hidden = exchanges.length > 0;
    byId("request-table").setAttribute("aria-rowcount", exchanges.length + 1);
    if (atEnd && this.follow()) scroller.scrollTop = scroller.scrollHeight;
  }

  #create(exchange) {
    const { number, at, method, job, operation } = exchange;
    const toggle = element("button", {
      type: "button", class: "toggle", "aria-expanded": "false", tabindex: -1,
      "aria-label": `Request ${number}: ${method} ${exchangeName(exchange)}`,
    }, String(number));
    const row = element("tr", { "data-exchange": number, "data-outcome": exchange.outcome, onclick: () => this.#open(exchange, true) },
      element("td", { class: "n" }, toggle),
      element("td", { class: "t" }, elapsed(at - this.#started, 3)),
      element("td", { class: "r", title: `${method} ${target(exchange)}` },
        operation ? element("span", { class: "operation" }, operation) : null, ` ${method} ${target(exchange)}`),
      element("td", { class: "j", title: job }, job ? shortId(job) : ""),
      element("td", { class: "a" }, element("span", { class: `status s${String(exchange.status)[0]}` }, String(exchange.status ?? "–")),
        " ", exchange.state || exchange.error || (job ? operation : "")),
      element("td", { class: "o" }));
    return element("tbody", { class: "request" }, row);
  }

  #refresh(body, exchange, index) {
    const { number } = exchange;
    const row = body.firstChild;
    const findings = this.#findings.of(number);
    const highlighted = this.#highlight.numbers.has(number);
    row.lastChild.replaceChildren(...outcomeParts(exchange, findings.length));
    row.setAttribute("aria-rowindex", index + 2);
    row.toggleAttribute("data-highlighted", highlighted);
    body.classList.toggle("highlighted", highlighted);
    const toggle = row.querySelector(".toggle");
    toggle.setAttribute("tabindex", (this.#entry ?? this.#rows.items[0]?.number) === number ? 0 : -1);
    this.#refreshDetails(body, toggle, exchange, findings);
  }

  #refreshDetails(body, toggle, exchange, findings) {
    const opened = exchange === this.#opened;
    toggle.setAttribute("aria-expanded", String(opened));
    const shown = body.children[1];
    if (!opened) return shown?.remove();
    if (shown && shown.dataset.findings === String(findings.length)) return undefined;
    const details = requestDetails(exchange, findings, this.#started, () => this.wantedMark.emit(exchange));
    shown?.remove();
    body.append(element("tr", { class: "opened", "data-findings": findings.length }, element("td", { colspan: COLUMNS }, details)));
    return undefined;
  }

  /** Show all fields of one exchange; `toggle` closes them if they are shown. */
  #open(exchange, toggle = false) {
    if (toggle && getSelection().toString()) return;
    this.#opened = toggle && this.#opened === exchange ? null : exchange;
    this.#entry = exchange.number;
    this.#rows.redraw();
    this.#rows.draw();
  }

  /** Up and down move between the rows. */
  #moveFocus(event) {
    const distance = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const current = event.target.closest(".toggle") && Number(event.target.closest("tr").dataset.exchange);
    if (!distance || !current) return;
    event.preventDefault();
    const { items } = this.#rows;
    const next = items[items.findIndex(({ number }) => number === current) + distance];
    if (!next) return;
    this.#entry = next.number;
    this.#rows.reveal(items.indexOf(next));
    this.#rows.redraw();
    this.#rows.row(next.number)?.querySelector(".toggle").focus({ preventScroll: true });
  }
}

/** The shape of the outcome, and in words what was special. */
function outcomeParts(exchange, findings) {
  const { fault, held, retry, at, page, note } = exchange;
  const outcome = outcomeOf(exchange);
  const words = [
    outcome === "answered" ? null : outcome, fault, held !== null && `for ${duration(held - at)}`,
    retry !== null && `Retry-After ${duration(retry - at)}`, page && `page ${page.page}`, note,
  ].filter(Boolean);
  const flag = findings ? element("span", { class: "flagged" }, flagPicture(), element("span", { class: "unseen" }, "finding")) : null;
  return [shapePicture(outcome === "answered" && exchange.operation === "start" ? "start" : outcome), flag, words.join(" · ")].filter(Boolean);
}

const spacer = () => element("tbody", { class: "spacer", "aria-hidden": "true" });
