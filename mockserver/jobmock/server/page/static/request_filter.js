/** Which requests the table shows. */

import { byId, element, signal } from "./dom.js";
import { shortId, target } from "./formats.js";
import { outcomeOf } from "./journal.js";

const CONTROLS = ["filter-text", "filter-status", "filter-outcome", "filter-job", "filter-findings"];

export class RequestFilter {
  changed = signal();
  #findingsOf;
  #jobs = 0;

  constructor(findingsOf) {
    this.#findingsOf = findingsOf;
    byId("request-filter").addEventListener("input", () => this.changed.emit());
    byId("request-filter").addEventListener("submit", (event) => event.preventDefault());
  }

  get onlyFindings() {
    return byId("filter-findings").checked;
  }

  /** Return the function that says whether an exchange is shown. */
  test() {
    const [text, status, outcome, job] = CONTROLS.slice(0, 4).map((id) => byId(id).value);
    const words = text.trim().toLowerCase();
    const tests = [
      words && ((exchange) => searchText(exchange).includes(words)),
      status && ((exchange) => String(exchange.status)[0] === status),
      outcome && ((exchange) => outcomeOf(exchange) === outcome),
      job && ((exchange) => exchange.job === job),
      this.onlyFindings && ((exchange) => this.#findingsOf(exchange.number).length > 0),
    ].filter(Boolean);
    return (exchange) => tests.every((test) => test(exchange));
  }

  /** Show the requests of one job; the same job once more shows all. */
  toggleJob(id) {
    const select = byId("filter-job");
    select.value = select.value === id ? "" : id;
    this.changed.emit();
  }

  /** Show all requests. */
  clear() {
    byId("request-filter").reset();
    this.changed.emit();
  }

  /** Offer the jobs that there are. */
  offerJobs(ids) {
    if (ids.length === this.#jobs) return;
    this.#jobs = ids.length;
    const select = byId("filter-job");
    const chosen = select.value;
    select.replaceChildren(new Option("any job", ""), ...ids.map((id) => element("option", { value: id }, shortId(id))));
    select.value = ids.includes(chosen) ? chosen : "";
  }
}

function searchText(exchange) {
  const { method, operation, job, status, state, fault, note, error, agent, outcome } = exchange;
  return [method, target(exchange), operation, job, status, state, fault, note, error, agent, outcome].join(" ").toLowerCase();
}
