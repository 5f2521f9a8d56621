// Prints what an AsyncLocalStorage holds in the callbacks of timers. The argument is a URL to ask first.

import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as sleep } from "node:timers/promises";

await (await fetch(process.argv[2])).text();
const storage = new AsyncLocalStorage();
const seen = [];
await Promise.all(["first", "second"].map((name) => storage.run(name, async () => {
  await sleep(1000);
  seen.push(storage.getStore());
  await new Promise((resolve) => setTimeout(() => resolve(seen.push(storage.getStore())), 1000));
})));
console.log(JSON.stringify(seen));
