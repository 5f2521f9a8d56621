const assert = require("node:assert");
const { poll } = require("./poll.cjs");

it("polls", async () => assert.deepEqual(await poll(), [181, 900_000, 900_000])).timeout(60_000);
