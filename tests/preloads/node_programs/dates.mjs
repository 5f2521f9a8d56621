// Prints facts about Date that programs rely on. The argument is a URL to ask first.

import vm from "node:vm";

await (await fetch(process.argv[2])).text();
await new Promise((resolve) => setTimeout(resolve, 1500));
class Special extends Date {}
const facts = {
  now: Date.now(),
  new: new Date().getTime(),
  called: typeof Date() === "string" && Date.parse(Date()) === Math.floor(Date.now() / 1000) * 1000,
  parsed: new Date("2020-02-02T00:00:00Z").toISOString(),
  parts: new Date(Date.UTC(2020, 1, 2)).toISOString(),
  invalid: Number.isNaN(new Date(undefined).getTime()),
  instance: new Date() instanceof Date && new Special() instanceof Special && new Special() instanceof Date,
  constructor: new Date().constructor === Date && Date.name === "Date" && Date.length === 7,
  context: vm.runInNewContext("[Date.now(), new Date().getTime(), new Date() instanceof Date].join()"),
  origin: Math.round(performance.timeOrigin + performance.now()),
};
console.log(JSON.stringify(facts));
