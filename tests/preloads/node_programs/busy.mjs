// Waits by reading the clock, in one turn of the loop. The argument is a URL to ask first.

await (await fetch(process.argv[2])).text();
for (const end = Date.now() + 50; Date.now() < end; );
await new Promise((resolve) => setTimeout(resolve, 1000));
console.log(JSON.stringify("done"));
