// Uses sinon's fake timers after a request, and prints whether a timer fired and how far the date went.

import sinon from "sinon";

await (await fetch(process.env.MOCK_URL)).text();
const clock = sinon.useFakeTimers({ now: Date.now() });
let fired = 0;
const before = Date.now();
setTimeout(() => (fired += 1), 60_000);
clock.tick(60_000);
const passed = Date.now() - before;
clock.restore();
const later = Date.now();
await new Promise((resolve) => setTimeout(resolve, 5000));
console.log(JSON.stringify({ fired, passed, "after restore": Date.now() - later }));
