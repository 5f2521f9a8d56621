// The client of client.py in JavaScript. Arguments: `once` or `persistent`, and the bug, if any.
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const [how, bug = ""] = process.argv.slice(2);
const ENDED = ["completed", "error", "cancelled"];

// Returns status, headers and body of one poll; null if the answer was lost.
async function ask({ CLADO_BASE_URL, CLADO_API_KEY, CLADO_JOB_ID }) {
  try {
    const answer = await fetch(`${CLADO_BASE_URL}/api/search/deep_research/${CLADO_JOB_ID}`, {
      headers: { authorization: `Bearer ${CLADO_API_KEY}` },
      signal: bug === "no-timeout" ? undefined : AbortSignal.timeout(30_000),
    });
    return { status: answer.status, headers: answer.headers, body: JSON.parse(await answer.text()) };
  } catch {
    return null;
  }
}

// Returns the seconds until the next poll.
function pause(answer, errors) {
  if (bug === "hasty") return 0.25;
  if (answer?.status === 200) return 5;
  const value = bug === "deaf" ? null : (answer?.headers.get("retry-after") ?? null);
  if (value === null) return Math.min(5 * 2 ** errors, 300);
  if (/^\d+$/.test(value)) return Number(value);
  return (Date.parse(value) - Date.parse(answer.headers.get("date"))) / 1000;
}

// Polls a job to its end, and returns the last answer.
async function poll(given) {
  const deadline = performance.now() + (bug === "endless" ? Infinity : 3_600_000);
  for (let errors = 0; performance.now() < deadline; ) {
    const answer = await ask(given);
    if (answer?.status === 200) {
      errors = 0;
      if (ENDED.slice(0, bug === "endless" ? 1 : 3).includes(answer.body.status)) {
        if (bug === "greedy") await ask(given);
        return answer.body;
      }
    } else if (answer?.status === 503 && bug === "quitter") {
      throw new Error("503");
    } else {
      errors += 1;
      if (bug === "careless" && answer) return answer.body;
    }
    await sleep(pause(answer, errors) * 1000);
  }
  throw new Error("The job takes too long.");
}

if (how === "persistent") {
  for await (const line of createInterface({ input: process.stdin })) {
    const given = JSON.parse(line);
    let ended;
    try {
      ended = { returned: await poll(given) };
    } catch (error) {
      ended = { raised: error.message };
    }
    if (bug === "late") setTimeout(() => ask(given), 1000);
    if (bug === "interval") setInterval(() => {}, 700);
    console.log(JSON.stringify(ended));
  }
} else {
  console.log(JSON.stringify(await poll(process.env)));
}
