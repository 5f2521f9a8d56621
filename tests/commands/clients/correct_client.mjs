// A correct client of both APIs. It starts a job, or takes the one of its environment, polls it to its end, and reads
// what it found. Its arguments are the API, and for Orbit the shape of the run. CLIENT_SETTINGS, in JSON, replaces its
// settings. Its only line of output is JSON: each request as the client saw it, in milliseconds of its own clock since
// its beginning, how the call ended, and the ids of the people. With CLIENT_ASKS it also has the rules that the client
// broke, which the control API judges by how the call ended.
import { setTimeout as sleep } from "node:timers/promises";

const JOBS = { clado: "/api/search/deep_research", orbit: "/v2/developer/deep-search" };
const PROFILES = "/v2/developer/profiles";
const NAME = "chemists in Graz";
const RUNNING = ["pending", "searching", "processing", "running", "generating_sections"];
const ENDED = ["completed", "error", "failed", "cancelled"];
const TEMPORARY = [408, 425, 429, 500, 502, 503, 504];
const LIMIT = 20;
const LONGEST = 60;

class Lost extends Error {}
class Failed extends Error {}

const [api, shape] = process.argv.slice(2);
const { [`${api.toUpperCase()}_BASE_URL`]: base, [`${api.toUpperCase()}_API_KEY`]: key } = process.env;
const { [`${api.toUpperCase()}_JOB_ID`]: given, JOBMOCK_CONTROL_URL, CLIENT_ASKS, CLIENT_SETTINGS = "{}" } = process.env;
const authorization = `Bearer ${key}`;
const settings = { interval: 5, deadline: 3600, page_size: 25, page_pause: 0, ...JSON.parse(CLIENT_SETTINGS) };
const began = performance.now();
const seen = [];

function now() {
  return (performance.now() - began) / 1000;
}

async function send(method, path, body) {
  const sent = { method, path, at: now() };
  seen.push(sent);
  try {
    const signal = AbortSignal.timeout(LIMIT * 1000);
    const headers = { authorization, "content-type": "application/json" };
    const response = await fetch(base + path, { method, headers, body: body && JSON.stringify(body), signal });
    const answer = { status: response.status, headers: response.headers, body: read(response, await response.text()) };
    sent.status = answer.status;
    return answer;
  } catch (error) {
    throw new Lost(error.message);
  } finally {
    sent.received = now();
  }
}

// An error may have any body. A success that isn't JSON is a lost answer.
function read(response, text) {
  try {
    if (!response.headers.get("content-type")?.includes("json")) throw new Lost("The content type isn't JSON.");
    return JSON.parse(text);
  } catch (error) {
    if (response.ok) throw error;
    return {};
  }
}

async function start() {
  const shaped = shape && { runShape: shape };
  const orbit = { requestId: NAME, structuredIntent: { version: "v1", names: [NAME] }, ...shaped };
  const request = api === "orbit" ? orbit : { query: NAME };
  for (let attempt = 1; ; attempt += 1) {
    let pause = backOff(attempt);
    try {
      const answer = await send("POST", JOBS[api], request);
      if (answer.status < 300) return answer.body.job_id ?? answer.body.request_id;
      if (!TEMPORARY.includes(answer.status)) throw new Failed(`The start was answered with ${answer.status}.`);
      pause = pauseAfter(answer, attempt);
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      if (api === "clado") throw new Failed("The answer to the start was lost, and nothing protects another start.");
    }
    await wait(pause);
  }
}

async function untilEnd(job) {
  for (;;) {
    const body = await ask(`${JOBS[api]}/${job}`);
    if (ENDED.includes(body.status)) return body;
    await wait(settings.interval);
  }
}

// Returns the body of a successful answer, and waits through temporary errors.
async function ask(path) {
  for (let errors = 1; ; errors += 1) {
    let pause = backOff(errors);
    try {
      const answer = await send("GET", path);
      if (answer.status < 300) return answer.body;
      if (!TEMPORARY.includes(answer.status)) throw new Failed(`The request was answered with ${answer.status}.`);
      pause = pauseAfter(answer, errors);
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
    }
    await wait(pause);
  }
}

async function wait(seconds) {
  if (now() + seconds > settings.deadline) throw new Failed("The deadline has passed.");
  await sleep(seconds * 1000);
}

// Retry-After is a number of seconds or a date, which counts from the answer's own date.
function pauseAfter(answer, errors) {
  const value = answer.headers.get("retry-after");
  if (value === null) return backOff(errors);
  if (/^\d+$/.test(value)) return Number(value);
  return Math.max(0, (Date.parse(value) - Date.parse(answer.headers.get("date"))) / 1000);
}

function backOff(errors) {
  return Math.min(2 ** errors, LONGEST);
}

async function collect(job, last) {
  if (last.status !== "completed") throw new Failed(`The job is ${last.status}.`);
  if (api === "clado") return (await readPages(job)).map(({ profile }) => profile.id);
  const result = last.result ?? {};
  if (!result.id) return result.profile_ids ?? [];
  await ask(`${PROFILES}/${result.id}`);
  return [result.id];
}

async function readPages(job) {
  const people = [];
  for (let page = 1; ; page += 1) {
    const body = await ask(`${JOBS[api]}/${job}?page=${page}&page_size=${settings.page_size}`);
    people.push(...(body.results ?? []));
    if (!body.pagination.has_next) return people;
    if (settings.page_pause) await wait(settings.page_pause);
  }
}

async function brokenRules(ended, count) {
  const query = { time: "virtual", outcome: ended, ...(ended === "returned" && { returned: JSON.stringify({ count }) }) };
  const url = `${JOBMOCK_CONTROL_URL}/__jobmock/findings?${new URLSearchParams(query)}`;
  const { findings } = await (await fetch(url, { headers: { authorization } })).json();
  return findings.map(({ rule }) => rule);
}

let [ended, people, job] = ["returned", [], given];
try {
  job ??= await start();
  people = await collect(job, await untilEnd(job));
} catch (error) {
  if (!(error instanceof Failed)) throw error;
  ended = "raised";
}
for (const sent of seen) sent.path = sent.path.replace(job, "JOB");
const rules = CLIENT_ASKS ? await brokenRules(ended, people.length) : [];
console.log(JSON.stringify({ seen, ended, people, rules }));
