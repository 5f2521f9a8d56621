// A small client of Clado's deep research: it starts a job, polls it to its end, and reads every page.
import { setTimeout as sleep } from "node:timers/promises";

const RUNNING = new Set(["pending", "searching", "processing"]);
const LONGEST_PAUSE = 60;

export class JobFailed extends Error {}
export class TooLate extends Error {}

class Retry extends Error {
  constructor(message, seconds) {
    super(message);
    this.seconds = seconds;
  }
}

export class Client {
  // All times are in seconds.
  constructor({ url, key, interval = 5, deadline = 3600 }) {
    Object.assign(this, { url, key, interval, deadline });
  }

  async findPeople(query) {
    const end = performance.now() + this.deadline * 1000;
    // A start whose answer is lost isn't repeated: it would start, and charge, a second job.
    const started = await this.#request("POST", "", JSON.stringify({ query }));
    const last = await this.#untilEnd(started.job_id, end);
    if (last.status !== "completed") throw new JobFailed(`The job ended as ${last.status}: ${last.error ?? ""}`);
    const people = [];
    for (let page = 1, more = true; more; page += 1) {
      const answer = await this.#persistent(`/${started.job_id}?page=${page}&page_size=25`, end);
      people.push(...answer.results);
      more = answer.pagination.has_next;
    }
    return people;
  }

  async #untilEnd(job, end) {
    for (;;) {
      const answer = await this.#persistent(`/${job}`, end);
      if (!RUNNING.has(answer.status)) return answer;
      await this.#pause(this.interval, end);
    }
  }

  // Sends a GET until it is answered. The pauses grow, and none is shorter than Retry-After.
  async #persistent(path, end) {
    for (let pause = this.interval; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      try {
        return await this.#request("GET", path);
      } catch (error) {
        if (!(error instanceof Retry)) throw error;
        await this.#pause(Math.max(pause, error.seconds), end, error);
      }
    }
  }

  async #pause(seconds, end, cause) {
    const pause = seconds * 1000;
    if (performance.now() + pause > end) throw new TooLate(`Not done within ${this.deadline} s`, { cause });
    await sleep(pause);
  }

  async #request(method, path, body) {
    const headers = { Authorization: `Bearer ${this.key}`, "Content-Type": "application/json" };
    let response, text;
    try {
      const signal = AbortSignal.timeout(30_000);
      response = await fetch(`${this.url}/api/search/deep_research${path}`, { method, headers, body, signal });
      text = await response.text();
      if (response.ok) return JSON.parse(text);
    } catch (error) {
      throw new Retry(`${method}: ${error.cause?.message ?? error.message}`, 0);
    }
    const said = `${method} was answered with ${response.status}: ${text}`;
    if (response.status !== 429 && response.status < 500) throw new Error(said);
    throw new Retry(said, retryAfter(response.headers));
  }
}

// Retry-After is a number of seconds or a date, which counts from the answer's own date.
function retryAfter(headers) {
  const given = headers.get("retry-after") ?? "0";
  if (/^\d+$/.test(given)) return Number(given);
  return Math.max(0, (Date.parse(given) - Date.parse(headers.get("date"))) / 1000) || 0;
}
