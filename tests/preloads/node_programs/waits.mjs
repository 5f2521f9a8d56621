// Waits in every way that Node has, and prints how long each took by its own Date. The first argument is a job.

import events from "node:events";
import timers from "node:timers";
import { scheduler, setInterval as every, setTimeout as sleep } from "node:timers/promises";
import { createRequire } from "node:module";
import { promisify } from "node:util";

const require = createRequire(import.meta.url);
const ways = {
  "setTimeout": () => new Promise((resolve) => setTimeout(resolve, 5000)),
  "setTimeout with a value": () => new Promise((resolve) => setTimeout((_, two) => two === 2 && resolve(), 4000, 1, 2)),
  "timers.setTimeout": () => new Promise((resolve) => timers.setTimeout(resolve, 3000)),
  "required timers": () => new Promise((resolve) => require("timers").setTimeout(resolve, 2000)),
  "promisify(setTimeout)": () => promisify(setTimeout)(1500),
  "timers/promises": () => sleep(7000),
  "timers.promises": () => timers.promises.setTimeout(1250),
  "scheduler.wait": () => scheduler.wait(1750),
  "setInterval": () => new Promise((resolve) => {
    let times = 0;
    const timer = setInterval(() => ++times === 4 && resolve(clearInterval(timer)), 1000);
  }),
  "setInterval as an iterator": async () => {
    let times = 0;
    for await (const value of every(2000, "value")) if (value === "value" && ++times === 3) break;
  },
  "refresh": () => new Promise((resolve) => {
    const timer = setTimeout(resolve, 2000);
    setTimeout(() => timer.refresh(), 1500);
  }),
  "clearTimeout by number": () => new Promise((resolve) => {
    const timer = setTimeout(() => resolve("never"), 100);
    clearTimeout(+timer);
    setTimeout(resolve, 300);
  }),
  "a fraction": () => sleep(10.9),
  "zero": () => sleep(0),
  "setImmediate": () => new Promise((resolve) => setImmediate(resolve)),
  "AbortSignal.timeout ends a sleep": () => sleep(60_000, null, { signal: AbortSignal.timeout(5500) }).catch(() => {}),
  "AbortSignal.timeout ends events.once": async () => {
    const alive = setInterval(() => {}, 60_000);
    await events.once(new events(), "never", { signal: AbortSignal.timeout(2500) }).catch(() => {});
    clearInterval(alive);
  },
};

await fetch(`${process.env.MOCK_URL}/api/search/deep_research/${process.argv[2]}`);
const took = {};
for (const [name, wait] of Object.entries(ways)) {
  const before = Date.now();
  await wait();
  took[name] = Date.now() - before;
}
console.log(JSON.stringify(took));
