import assert from "node:assert";
import test from "node:test";
import { poll } from "./poll.cjs";

test("polls", { timeout: 60_000 }, async () => assert.deepEqual(await poll(), [181, 900_000, 900_000]));
