// Sleeps a minute while real work goes on, and prints what came first. Arguments: a URL to ask first, the work.

import { exec } from "node:child_process";
import { pbkdf2, webcrypto } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { gzip } from "node:zlib";

const [url, work] = process.argv.slice(2);
const large = Buffer.alloc(30_000_000, "jobmock");
const busy = `
  for (let number = 0; number < 300_000_000; number++);
  require("worker_threads").parentPort.postMessage(1);`;
const works = {
  "a file": () => readFile(process.execPath),
  "compression": () => promisify(gzip)(large),
  "pbkdf2": () => promisify(pbkdf2)("secret", "salt", 300_000, 64, "sha512"),
  "a digest": () => webcrypto.subtle.digest("SHA-512", large),
  "a child": () => promisify(exec)("sleep 0.2"),
  "a chain of immediates": async () => {
    for (let turn = 0; turn < 2000; turn++) await setImmediate();
  },
  "a worker": () => once(new Worker(busy, { eval: true }), "message"),
};

await (await fetch(url)).text();
const order = [];
const minute = new Promise((resolve) => setTimeout(resolve, 60_000)).then(() => order.push("a minute"));
await Promise.all([minute, works[work]().then(() => order.push(work))]);
console.log(JSON.stringify(order));
process.exit();
