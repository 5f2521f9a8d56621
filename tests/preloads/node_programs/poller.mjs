// Polls a job until it has ended. Arguments: the client's name, the job, the seconds between polls, the base URL, and
// how many polls there are at most.
// Prints the number of polls, what each clock counted, and how polls failed, in milliseconds.

import { load } from "./clients.mjs";

const [name, job, seconds = "5", base = process.env.MOCK_URL, most = "Infinity"] = process.argv.slice(2);
const before = { date: Date.now(), performance: performance.now(), hrtime: process.hrtime.bigint() };
const get = await load(name);
const failed = [];
let polls = 0;

for (;;) {
  polls += 1;
  const asked = Date.now();
  try {
    const { status } = await get(`${base}/api/search/deep_research/${job}`, 30_000);
    if (status === "completed" || polls === Number(most)) break;
  } catch (error) {
    failed.push({ name: error.name, after: Date.now() - asked });
  }
  if (seconds !== "0") await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000));
}
console.log(JSON.stringify({
  polls, failed,
  date: Date.now() - before.date,
  performance: performance.now() - before.performance,
  hrtime: Number(process.hrtime.bigint() - before.hrtime) / 1e6,
}));
