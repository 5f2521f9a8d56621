// A small client of Orbit's Deep Search: it starts a run, polls it to its end, and returns its result.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

const RUNNING = new Set(["running", "generating_sections"]);
const LONGEST_PAUSE = 60;

export interface Settings {
  url: string;
  key: string;
  // Seconds between two polls, and for the whole run.
  interval?: number;
  deadline?: number;
}

export interface Run {
  request_id: string;
  status: string;
  result?: { id?: string; sections?: Record<string, unknown> };
  failure?: { code?: string; message?: string };
}

export class RunFailed extends Error {}
export class TooLate extends Error {}

class Retry extends Error {
  readonly seconds: number;

  constructor(message: string, seconds: number) {
    super(message);
    this.seconds = seconds;
  }
}

export class Client {
  readonly settings: Required<Settings>;

  constructor(settings: Settings) {
    this.settings = { interval: 5, deadline: 3600, ...settings };
  }

  async findPerson(email: string): Promise<Run> {
    const end = performance.now() + this.settings.deadline * 1000;
    // The same requestId finds the same run, so a start whose answer is lost may be sent again.
    const requestId = randomUUID();
    await this.persistent(end, "POST", "", JSON.stringify({ requestId, email }));
    for (;;) {
      await this.pause(this.settings.interval, end);
      const run = await this.persistent(end, "GET", `/${requestId}`);
      if (run.status === "completed") return run;
      if (!RUNNING.has(run.status)) throw new RunFailed(`The run ended as ${run.status}: ${run.failure?.code ?? ""}`);
    }
  }

  // Sends a request until it is answered. The pauses grow, and none is shorter than Retry-After.
  private async persistent(end: number, method: string, path: string, body?: string): Promise<Run> {
    for (let pause = this.settings.interval; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      try {
        return await this.request(method, path, body);
      } catch (error) {
        if (!(error instanceof Retry)) throw error;
        await this.pause(Math.max(pause, error.seconds), end, error);
      }
    }
  }

  private async pause(seconds: number, end: number, cause?: Error): Promise<void> {
    const pause = seconds * 1000;
    if (performance.now() + pause > end) throw new TooLate(`Not done within ${this.settings.deadline} s`, { cause });
    await sleep(pause);
  }

  private async request(method: string, path: string, body?: string): Promise<Run> {
    const headers = { Authorization: `Bearer ${this.settings.key}`, "Content-Type": "application/json" };
    let response: Response, text: string;
    try {
      const signal = AbortSignal.timeout(30_000);
      response = await fetch(`${this.settings.url}/v2/developer/deep-search${path}`, { method, headers, body, signal });
      text = await response.text();
      if (response.ok) return JSON.parse(text) as Run;
    } catch (error) {
      throw new Retry(`${method}: ${error instanceof Error ? error.message : error}`, 0);
    }
    const said = `${method} was answered with ${response.status}: ${text}`;
    if (response.status !== 429 && response.status < 500) throw new Error(said);
    throw new Retry(said, retryAfter(response.headers));
  }
}

// Retry-After is a number of seconds or a date, which counts from the answer's own date.
function retryAfter(headers: Headers): number {
  const given = headers.get("retry-after") ?? "0";
  if (/^\d+$/.test(given)) return Number(given);
  return Math.max(0, (Date.parse(given) - Date.parse(headers.get("date") ?? "")) / 1000) || 0;
}
