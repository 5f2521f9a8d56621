// A client of Clado's deep research and Orbit's Deep Search: it does one action, and prints the result as JSON.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

const JOBS: Record<string, string> = { clado: "/api/search/deep_research", orbit: "/v2/developer/deep-search" };
const ENDED = ["completed", "error", "failed", "cancelled"];
const TEMPORARY = [408, 425, 429];

// All times are in seconds: the pause between two polls, the limit of one request, and that of the whole call.
interface Settings { api: string; url: string; key: string; interval: number; timeout: number; deadline: number }
type Body = Record<string, any>;

class Failed extends Error {}

class Client {
  readonly settings: Settings; readonly jobs: string; readonly end: number;

  constructor(settings: Settings) {
    this.settings = settings;
    this.jobs = JOBS[settings.api];
    this.end = performance.now() + settings.deadline * 1000;
  }

  async poll(job: string): Promise<Body> {
    for (;;) {
      const body = await this.send("GET", `${this.jobs}/${job}`);
      if (body.status === "completed") return body;
      if (ENDED.includes(body.status))
        throw new Failed(`The job ended as ${body.status}: ${JSON.stringify(body.error ?? body.failure)}`);
      await this.wait(this.settings.interval);
    }
  }

  async start(query: string, limit: Body): Promise<Body> {
    if (this.settings.api === "clado")
      return this.poll((await this.send("POST", this.jobs, { query, ...limit }, false)).job_id);
    const request = { requestId: randomUUID(), email: query }; // The same requestId finds the same run.
    return this.poll((await this.send("POST", this.jobs, request)).request_id);
  }

  async pages(job: string): Promise<Body> {
    const [last, people, totals] = [await this.poll(job), [] as unknown[], new Set<number>()];
    for (let page = 1, more = true; more; page += 1) {
      const body = await this.send("GET", `${this.jobs}/${job}?page=${page}&page_size=25`);
      people.push(...body.results);
      totals.add(body.pagination.total_results);
      more = body.pagination.has_next && page < body.pagination.total_pages;
    }
    if (totals.size > 1 || new Set(people.map((person) => JSON.stringify(person))).size < people.length)
      throw new Failed("The list of people has changed while its pages were read.");
    return { ...last, results: people };
  }

  async more(job: string, limit: Body): Promise<Body> {
    await this.send("POST", `${this.jobs}/${job}/more`, limit, false);
    return this.poll(job);
  }

  async profile(run: string): Promise<Body> {
    const { id } = (await this.poll(run)).result;
    if (!id) throw new Failed("The run has found several people.");
    return this.send("GET", `/v2/developer/profiles/${id}`);
  }

  // Sends a request until it is answered. Without `again`, not if it may have started a job already.
  async send(method: string, path: string, body?: Body, again = true): Promise<Body> {
    for (let errors = 0; ; errors += 1) {
      let [said, seconds, started] = ["", 0, true];
      try {
        const answer = await this.request(method, path, body);
        const text = await answer.text();
        said = `${method} was answered with ${answer.status}: ${text.slice(0, 500)}`;
        if (TEMPORARY.includes(answer.status) || answer.status >= 500)
          [seconds, started] = [retryAfter(answer.headers), ![429, 503].includes(answer.status)];
        else if (!answer.ok) throw new Failed(said);
        else if (answer.headers.get("content-type")?.includes("json")) return JSON.parse(text);
      } catch (error) {
        if (error instanceof Failed) throw error;
        said = String(error);
      }
      if (started && !again) throw new Failed(`Nobody knows whether a job was started. ${said}`);
      await this.wait(Math.max(this.settings.interval * Math.min(2 ** errors, 12), seconds), said);
    }
  }

  request(method: string, path: string, body?: Body): Promise<Response> {
    const headers = { Authorization: `Bearer ${this.settings.key}`, "Content-Type": "application/json" };
    const signal = AbortSignal.timeout(Math.min(this.settings.timeout * 1000, this.end - performance.now()));
    return fetch(this.settings.url + path, { method, headers, body: body && JSON.stringify(body), signal });
  }

  async wait(seconds: number, reason = ""): Promise<void> {
    if (performance.now() + seconds * 1000 >= this.end) throw new Failed(`The deadline has passed. ${reason}`);
    await sleep(seconds * 1000);
  }
}

// Returns the seconds of Retry-After. It may be a date, which counts from the answer's own date.
function retryAfter(headers: Headers): number {
  const given = headers.get("retry-after") ?? "0";
  if (/^\d+$/.test(given)) return Number(given);
  return (Date.parse(given) - Date.parse(headers.get("date") ?? "")) / 1000 || 0;
}

const { JOBMOCK_ACTION = "", JOBMOCK_QUERY = "", JOBMOCK_LIMIT: limit, ...env } = process.env;
const api = env.JOBMOCK_API ?? (env.CLADO_BASE_URL ? "clado" : "orbit");
const [url, key, job] = ["BASE_URL", "API_KEY", "JOB_ID"].map((name) => env[`${api.toUpperCase()}_${name}`] ?? "");
const seconds = (name: string, usual: number) => Number(env[`JOBMOCK_${name}`] ?? usual);
const times = { deadline: seconds("DEADLINE", 3600), interval: seconds("INTERVAL", 5), timeout: seconds("TIMEOUT", 20) };
const client = new Client({ api, url, key, ...times });
const actions: Record<string, () => Promise<unknown>> = {
  poll: () => client.poll(job), pages: () => client.pages(job),
  start: () => client.start(JOBMOCK_QUERY, limit ? { limit: Number(limit) } : {}),
  more: () => client.more(job, limit ? { additional_limit: Number(limit) } : {}),
  cancel: () => client.send("POST", `${client.jobs}/${job}/cancel`),
  profile: () => client.profile(job), credits: () => client.send("GET", "/api/credits"),
};
console.log(JSON.stringify(await actions[JOBMOCK_ACTION]()));
