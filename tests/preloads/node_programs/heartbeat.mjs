// Prints when an unref'd interval ticked during a sleep. The argument is a URL to ask first.

await (await fetch(process.argv[2])).text();
const before = Date.now();
const ticks = [];
setInterval(() => ticks.push(Date.now() - before), 1000).unref();
await new Promise((resolve) => setTimeout(resolve, 5500));
console.log(JSON.stringify(ticks));
