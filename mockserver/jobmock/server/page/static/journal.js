/** The exchanges of the shown namespace, grouped by job. */

import { call } from "./control_calls.js";
import { signal } from "./dom.js";
import { showError } from "./messages.js";

const START = "0-0-0";
const MOST_EXCHANGES = 20_000;
const FATE = ["answered", "refused", "broken", "lost"];

export class Journal {
  namespace = null;
  exchanges = [];
  /** Job id, or null for requests without a job, to what is known of the job. */
  jobs = new Map();
  olderJobs = 0;
  dropped = 0;
  loading = false;
  /** Emits {fresh: [...]}, or {restarted: true} when all exchanges were forgotten. */
  changed = signal();
  #cursor = START;
  #cleared = null;
  #abort = new AbortController();
  #again = false;

  /** Show another namespace. */
  open(namespace) {
    this.namespace = namespace;
    this.#cleared = null;
    this.#restart();
  }

  /** Load what the server has and this journal has not. */
  async update(state) {
    if (state.closed) return;
    if (this.#cleared !== null && state.cleared !== this.#cleared) this.#restart();
    this.#cleared = state.cleared;
    this.#again = true;
    if (this.loading) return;
    this.loading = true;
    while (this.#again) await this.#load();
    this.loading = false;
    this.changed.emit({ fresh: [] });
  }

  /** Return the exchange with a number. */
  find(number) {
    return this.exchanges[this.indexOf(number)];
  }

  indexOf(number) {
    return firstIndex(this.exchanges, (exchange) => exchange.number >= number);
  }

  /** Take the jobs of the timeline. */
  takeTimeline({ jobs, more = 0 }) {
    this.olderJobs = more;
    for (const job of jobs) Object.assign(this.#job(job.id), { ...job, known: true });
    this.changed.emit({ fresh: [], timeline: true });
  }

  #restart() {
    this.#abort.abort();
    this.#abort = new AbortController();
    [this.exchanges, this.jobs, this.dropped, this.#cursor] = [[], new Map(), 0, START];
    this.changed.emit({ restarted: true, fresh: [] });
  }

  async #load() {
    this.#again = false;
    const { signal } = this.#abort;
    try {
      const page = await call("GET", "journal", { query: { namespace: this.namespace, after: this.#cursor }, signal });
      if (signal.aborted) return;
      this.#cursor = page.end;
      this.dropped = page.dropped;
      this.#append(page.exchanges);
      if (page.next) this.#again = true;
    } catch (error) {
      showError(error);
    }
  }

  #append(fresh) {
    for (const exchange of fresh) {
      put(this.exchanges, exchange);
      put(this.#job(exchange.job ?? null).exchanges, exchange);
    }
    if (this.exchanges.length > MOST_EXCHANGES) this.#forgetOldest();
    if (fresh.length) this.changed.emit({ fresh });
  }

  /** The page keeps a limited number, as the server does. */
  #forgetOldest() {
    this.exchanges = this.exchanges.slice(-MOST_EXCHANGES / 2);
    const first = this.exchanges[0].number;
    for (const [id, job] of this.jobs) {
      job.exchanges = job.exchanges.filter(({ number }) => number >= first);
      if (!job.exchanges.length && !job.known) this.jobs.delete(id);
    }
  }

  #job(id) {
    if (!this.jobs.has(id)) this.jobs.set(id, { id, scenario: null, spans: [], status: null, exchanges: [] });
    return this.jobs.get(id);
  }
}

/** Add an exchange, or replace the one with its number: its outcome may be known later. */
function put(exchanges, exchange) {
  const index = firstIndex(exchanges, ({ number }) => number >= exchange.number);
  exchanges.splice(index, exchanges[index]?.number === exchange.number ? 1 : 0, exchange);
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

/** The outcome as the page shows it: an answer that was held is one of its own. */
export const outcomeOf = (exchange) =>
  exchange.outcome === "answered" && exchange.held !== null ? "held" : exchange.outcome;

/** How bad an outcome is; the worst of several exchanges decides how their common mark looks. */
export const severityOf = (exchange) => FATE.indexOf(exchange.outcome);
