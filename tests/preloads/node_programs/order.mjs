// Prints the order in which timers, immediates, ticks and promises come. The first argument is a URL to ask first.

await fetch(process.argv[2]).then((response) => response.text());
const order = [];
const note = (text) => () => order.push(text);

await new Promise((resolve) => {
  setTimeout(() => {
    order.push("20 first");
    process.nextTick(note("tick of 20 first"));
    Promise.resolve().then(note("promise of 20 first"));
    setImmediate(note("immediate of 20 first"));
    setTimeout(note("20 + 1"), 1);
  }, 20);
  setTimeout(note("20 second"), 20);
  setTimeout(note("20.7 third"), 20.7);
  setTimeout(note("10"), 10);
  setTimeout(note("text"), "15");
  const cleared = setTimeout(note("never"), 60);
  setTimeout(() => clearTimeout(cleared), 50);
  const interval = setInterval(() => order.push("interval"), 40);
  setTimeout(() => clearInterval(interval), 130);
  setTimeout(() => {
    order.push("throws");
    throw new Error("meant");
  }, 200);
  setTimeout(note("after the error"), 200);
  process.once("uncaughtException", (error) => order.push(error.message));
  setTimeout(resolve, 300);
});
console.log(JSON.stringify(order));
