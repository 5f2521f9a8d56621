const { poll } = require("./poll.cjs");

test("polls", async () => expect(await poll()).toEqual([181, 900_000, 900_000]), 60_000);

test("fake timers", () => {
  jest.useFakeTimers();
  const called = jest.fn();
  const before = Date.now();
  setTimeout(called, 60_000);
  jest.advanceTimersByTime(60_000);
  expect([called.mock.calls.length, Date.now() - before]).toEqual([1, 60_000]);
  jest.useRealTimers();
});
