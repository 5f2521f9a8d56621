// Sends one GET to each URL through the proxy of the environment, and prints the status of each answer, or the error.
// Node 20 has no proxy of its own: fetch and node:https ignore HTTPS_PROXY. So this asks for a tunnel, as agents do.
import http from "node:http";
import https from "node:https";

const proxy = new URL(process.env.HTTPS_PROXY);

function tunnel({ hostname, port }) {
  const options = { host: proxy.hostname, port: proxy.port, method: "CONNECT", path: `${hostname}:${port || 443}` };
  return new Promise((resolve, reject) => {
    const request = http.request(options);
    request.on("connect", (answer, socket) =>
      answer.statusCode === 200 ? resolve(socket) : reject(new Error(`${answer.statusCode} ${answer.statusMessage}`)),
    );
    request.on("error", reject).end();
  });
}

async function get(url) {
  const socket = await tunnel(url);
  const headers = { Authorization: "Bearer lk_node" };
  return new Promise((resolve, reject) => {
    const request = https.get(url, { socket, agent: false, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    request.on("error", reject);
  });
}

for (const url of process.argv.slice(2)) {
  console.log(await get(new URL(url)).catch((error) => error.message));
}
process.exit(0);
