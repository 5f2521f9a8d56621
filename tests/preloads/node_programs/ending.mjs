// Sleeps a minute, and ends with something left over. Arguments: a URL to ask first, what is left over.

const [url, leftOver] = process.argv.slice(2);
const leave = {
  "nothing": () => {},
  "an unref'd interval": () => setInterval(() => {}, 1000).unref(),
  "an unref'd sleep": () => setTimeout(() => console.log("never"), 90_000).unref(),
  "a signal": () => AbortSignal.timeout(90_000).addEventListener("abort", () => console.log("never")),
  "a closed timer": () => setTimeout(() => console.log("never"), 90_000).close(),
};

await (await fetch(url)).text();
const before = Date.now();
const seen = {};
leave[leftOver]();
setTimeout(() => (seen.slept = Date.now() - before), 60_000);
process.on("exit", () => console.log(JSON.stringify({ ...seen, ended: Date.now() - before })));
