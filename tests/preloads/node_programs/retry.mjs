// Retries with p-retry, and prints how long it took. The argument is a URL to ask first.

import pRetry from "p-retry";

await (await fetch(process.argv[2])).text();
const before = Date.now();
let tries = 0;
const attempt = () => {
  if (++tries < 4) throw new Error("not yet");
};
await pRetry(attempt, { retries: 5, minTimeout: 1000, factor: 2 });
console.log(JSON.stringify({ tries, took: Date.now() - before }));
