// Sleeps a minute, and does real work when a line comes on its input. Prints the time after the work. Argument: a URL.

import { exec } from "node:child_process";
import { promisify } from "node:util";

await (await fetch(process.argv[2])).text();
const before = Date.now();
const sleep = promisify(exec);
process.stdin.once("data", async () => {
  await sleep("sleep 0.2");
  console.log("working");
  await sleep("sleep 0.3");
  console.log(Date.now() - before);
  process.exit();
});
setTimeout(() => {}, 60_000);
console.log("waiting");
