// Polls a job once, then lets a child process poll it to its end in one blocking call. The argument is the job.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const job = process.argv[2];
const headers = { authorization: `Bearer ${process.env.MOCK_KEY}` };
const poll = async () => (await fetch(`${process.env.MOCK_URL}/api/search/deep_research/${job}`, { headers })).text();
const poller = fileURLToPath(new URL("poller.mjs", import.meta.url));
const before = Date.now();
await poll();
const late = new Promise((resolve) => setTimeout(resolve, 1_000_000));
const { polls } = JSON.parse(execFileSync(process.execPath, [poller, "fetch", job], { encoding: "utf8" }));
await poll();
const after = Date.now() - before;
await late;
console.log(JSON.stringify({ polls, after, late: Date.now() - before }));
