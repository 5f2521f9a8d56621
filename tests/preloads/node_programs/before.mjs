// Prints what the clocks show before the first request, which goes to the URL of the first argument.

import { readFileSync } from "node:fs";

const start = Date.now();
const stood = performance.now();
for (const end = uptime() + 50; uptime() < end; );
const seen = { start, stood: performance.now() - stood };
await new Promise((resolve) => setTimeout(resolve, 20));
seen.slept = Date.now() - start;
await (await fetch(process.argv[2], { headers: { authorization: `Bearer ${process.env.MOCK_KEY}` } })).text();
seen["at first answer"] = Date.now() - start;
console.log(JSON.stringify(seen));

/** Return the system's real uptime in milliseconds. */
function uptime() {
  return Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1000;
}
