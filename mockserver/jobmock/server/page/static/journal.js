/** The exchanges of the shown namespace, grouped by job, and the statuses that each job had. */

import { call } from "./control_calls.js";
import { signal } from "./dom.js";
import { showError } from "./messages.js";
import { namespaces } from "./namespaces.js";
import { pacedCall } from "./paced_call.js";

const MOST_EXCHANGES = 20_000;

/** `changed` emits true if there are other exchanges. */
export const journal = { exchanges: [], jobs: new Map(), olderJobs: 0, dropped: 0, changed: signal() };

let [cursor, cleared, loading, again, abort] = ["", null, false, false, new AbortController()];

/** Return the exchange with a number. */
export function find(number) {
  const exchange = journal.exchanges[firstIndex(journal.exchanges, (one) => one.number >= number)];
  return exchange?.number === number ? exchange : undefined;
}

/** Return the index of the first item of a sorted list for which `reached` is true. */
export function firstIndex(items, reached) {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (reached(items[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The outcome as the page shows it: an answer that was held has a name of its own. */
export const outcomeOf = ({ outcome, held }) => (outcome === "answered" && held !== null ? "held" : outcome);

function restart() {
  abort.abort();
  [abort, cursor, cleared] = [new AbortController(), "0-0-0", null];
  Object.assign(journal, { exchanges: [], jobs: new Map(), dropped: 0, olderJobs: 0 });
  journal.changed(true);
}

/** Load what the server has and this page has not. */
async function update(state) {
  if (state.closed) return;
  if (cleared !== null && state.cleared !== cleared) restart();
  [cleared, again] = [state.cleared, true];
  if (loading) return;
  loading = true;
  while (again) await load(abort.signal);
  loading = false;
}

async function load(signal) {
  again = false;
  try {
    const page = await call("GET", "journal", { query: { namespace: namespaces.chosen, after: cursor }, signal });
    if (signal.aborted) return;
    cursor = page.end;
    journal.dropped = page.dropped;
    append(page.exchanges);
    again ||= Boolean(page.next);
  } catch (error) {
    if (!signal.aborted) showError(error);
  }
}

function append(fresh) {
  for (const exchange of fresh) [journal, job(exchange.job)].forEach(({ exchanges }) => put(exchanges, exchange));
  if (journal.exchanges.length > MOST_EXCHANGES) forgetOldest();
  if (fresh.length) journal.changed(true);
}

/** Add an exchange, or replace the one with its number: its outcome may be known later. */
function put(exchanges, exchange) {
  const index = firstIndex(exchanges, ({ number }) => number >= exchange.number);
  exchanges.splice(index, exchanges[index]?.number === exchange.number ? 1 : 0, exchange);
}

function forgetOldest() {
  journal.exchanges = journal.exchanges.slice(-MOST_EXCHANGES / 2);
  const first = journal.exchanges[0].number;
  for (const one of journal.jobs.values()) one.exchanges = one.exchanges.filter(({ number }) => number >= first);
}

/** What is known of a job. Requests without a job are under null. */
function job(id) {
  if (!journal.jobs.has(id)) journal.jobs.set(id, { id, spans: [], exchanges: [] });
  return journal.jobs.get(id);
}

namespaces.chose.on(restart);
namespaces.updated.on(update);
pacedCall("timeline", ({ jobs, more }) => {
  for (const one of jobs) Object.assign(job(one.id), one);
  journal.olderJobs = more;
  journal.changed(false);
});
