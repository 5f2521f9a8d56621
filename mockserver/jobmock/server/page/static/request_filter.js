/** Which requests the table shows. */

import { byId, element, joined, on, signal } from "./dom.js";
import { findingsOf } from "./findings.js";
import { requestLine, shortId } from "./formats.js";
import { journal, outcomeOf } from "./journal.js";
import { namespaces } from "./namespaces.js";

export const filterChanged = signal();

/** Return the function that says whether an exchange is shown. */
export function filterTest() {
  const [text, status, outcome, job] = ["text", "status", "outcome", "job"].map((name) => byId(`filter-${name}`).value);
  const words = text.trim().toLowerCase();
  const tests = [
    words && ((exchange) => searchText(exchange).includes(words)),
    status && ((exchange) => String(exchange.status)[0] === status),
    outcome && ((exchange) => outcomeOf(exchange) === outcome),
    job && ((exchange) => exchange.job === job),
    byId("filter-findings").checked && ((exchange) => findingsOf(exchange.number).length),
  ].filter(Boolean);
  return (exchange) => tests.every((test) => test(exchange));
}

function searchText(exchange) {
  const { operation, job, status, state, fault, note, error, agent } = exchange;
  return joined([requestLine(exchange), operation, job, status, state, fault, note, error, agent], " ").toLowerCase();
}

/** Show the requests of one job; the same job once more shows all. */
export function toggleJob(id) {
  byId("filter-job").value = byId("filter-job").value === id ? "" : id;
  filterChanged();
}

/** Show all requests. */
export function clearFilter() {
  byId("request-filter").reset();
  filterChanged();
}

/** Offer the jobs that there are. */
function offerJobs() {
  const ids = [...journal.jobs.keys()].filter((id) => id !== null);
  const select = byId("filter-job");
  if (ids.length === select.length - 1 && (ids.at(-1) ?? "") === select.lastElementChild.value) return;
  const { value } = select;
  select.replaceChildren(select.firstElementChild, ...ids.map((id) => element("option", { value: id }, shortId(id))));
  select.value = ids.includes(value) ? value : "";
}

export function connectFilter() {
  on("request-filter", "input", filterChanged);
  on("request-filter", "submit", (event) => event.preventDefault());
  journal.changed.on(offerJobs);
  namespaces.chose.on(clearFilter);
}
