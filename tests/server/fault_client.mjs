// Reads one request a line from stdin, and prints what fetch or node:http(s) saw of its answer.
import http from "node:http";
import https from "node:https";
import { createInterface } from "node:readline";

async function byFetch({ url, headers, patience }) {
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(patience) });
  return [answer.status, answer.headers.get("content-type"), await answer.text()];
}

function byNode({ url, headers, patience }) {
  return new Promise((resolve, reject) => {
    const library = url.startsWith("https:") ? https : http;
    const request = library.get(url, { headers, timeout: patience }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (piece) => (text += piece));
      answer.on("end", () => resolve([answer.statusCode, answer.headers["content-type"], text]));
      answer.on("error", reject);
    });
    request.on("timeout", () => request.destroy(Object.assign(new Error("late"), { code: "TimeoutError" })));
    request.on("error", reject);
  });
}

// Of a body that breaks off, fetch's cause is a race between two codes, with TLS and without it.
function nameOf(error) {
  if (error.message === "terminated" || error.name === "TimeoutError") {
    return error.message === "terminated" ? error.message : error.name;
  }
  return error.cause?.code ?? error.code ?? error.name;
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  const seen = await (asked.client === "fetch" ? byFetch : byNode)(asked).catch(nameOf);
  console.log(JSON.stringify(seen));
}
