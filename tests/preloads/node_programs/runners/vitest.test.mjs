import { expect, test, vi } from "vitest";
import { poll } from "./poll.cjs";

test("polls", async () => expect(await poll()).toEqual([181, 900_000, 900_000]), 60_000);

test("fake timers", () => {
  vi.useFakeTimers();
  const called = vi.fn();
  const before = Date.now();
  setTimeout(called, 60_000);
  vi.advanceTimersByTime(60_000);
  expect([called.mock.calls.length, Date.now() - before]).toEqual([1, 60_000]);
  vi.useRealTimers();
});
