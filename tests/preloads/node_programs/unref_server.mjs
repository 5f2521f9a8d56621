// Sleeps an hour beside an unref'd connection to another server that never answers. The argument is a URL to request first.

import { once } from "node:events";
import net from "node:net";

await (await fetch(process.argv[2])).text();
const server = net.createServer((socket) => socket.unref().resume()).listen(0, "127.0.0.1").unref();
await once(server, "listening");
const connection = net.connect(server.address().port, "127.0.0.1");
await once(connection, "connect");
connection.unref().write("a message");
const start = Date.now();
await new Promise((resolve) => setTimeout(resolve, 3_600_000));
console.log(JSON.stringify(Date.now() - start));
process.exit();
