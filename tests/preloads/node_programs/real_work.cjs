// Prints of each kind of real work whether it is seen while it goes on, and whether any is seen after it has ended.

const dns = require("node:dns");
const fs = require("node:fs");
const net = require("node:net");
const { setTimeout: sleep } = require("node:timers/promises");
const realWork = require(process.argv[2]);

const server = net.createServer((connection) => connection.pause().on("error", () => {}));
const nextTick = () => new Promise((done) => process.nextTick(done));

const kinds = {
  connect: () => net.connect(server.address().port, "127.0.0.1"),
  write: async () => {
    const connection = net.connect(server.address().port, "127.0.0.1");
    await new Promise((done) => connection.once("connect", done));
    connection.write(Buffer.alloc(1 << 26));
    return connection;
  },
  "read a file": () => void fs.readFile(__filename, () => {}),
  "look up a name": () => void dns.lookup("localhost", () => {}),
  "look up an address": () => void dns.lookupService("127.0.0.1", 80, () => {}),
};

async function main() {
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const seen = {};
  for (const [kind, begin] of Object.entries(kinds)) {
    const connection = await begin();
    await nextTick();
    seen[kind] = realWork.isGoingOn();
    await sleep(50);
    connection?.destroy();
    await sleep(50);
  }
  const isQuiet = !realWork.isGoingOn();
  console.log(JSON.stringify({ seen, isQuiet }));
  process.exit();
}

main();
