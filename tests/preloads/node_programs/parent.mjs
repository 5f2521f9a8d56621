// Polls a job once, sleeps, lets a child process poll it to its end, and sleeps again. The argument is the job.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const job = process.argv[2];
const headers = { authorization: `Bearer ${process.env.MOCK_KEY}` };
const poll = async () => (await fetch(`${process.env.MOCK_URL}/api/search/deep_research/${job}`, { headers })).text();
const before = Date.now();
await poll();
await new Promise((resolve) => setTimeout(resolve, 5000));
const poller = fileURLToPath(new URL("poller.mjs", import.meta.url));
const { stdout } = await promisify(execFile)(process.execPath, [poller, "fetch", job]);
await new Promise((resolve) => setTimeout(resolve, 5000));
await poll();
console.log(JSON.stringify({ ...JSON.parse(stdout), parent: Date.now() - before }));
