// Sleeps a minute while another server takes 300 real milliseconds to answer. The argument is a URL to ask first.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";

const script = `
  const server = require("net").createServer((socket) =>
    socket.once("data", () => setTimeout(() => socket.end("answer"), 300)));
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));`;
const { NODE_OPTIONS, ...env } = process.env;
const other = spawn(process.execPath, ["-e", script], { env, stdio: ["ignore", "pipe", "inherit"], detached: true });
other.unref();
const [port] = await once(other.stdout.setEncoding("utf8"), "data");

await (await fetch(process.argv[2])).text();
const order = [];
const asked = net.connect(Number(port), "127.0.0.1").on("data", () => order.push("the other server"));
asked.write("question");
const minute = new Promise((resolve) => setTimeout(resolve, 60_000)).then(() => order.push("a minute"));
await Promise.all([once(asked, "close"), minute]);
other.kill();
console.log(JSON.stringify(order));
process.exit();
