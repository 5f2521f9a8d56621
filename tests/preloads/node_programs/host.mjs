// Sends one request, and prints the status of its answer or the innermost error. Arguments: fetch or node:http, a URL.

import http from "node:http";
import https from "node:https";

const [client, url] = process.argv.slice(2);
const headers = { authorization: `Bearer ${process.env.MOCK_KEY}` };
const byHttp = () =>
  new Promise((resolve, reject) => {
    const { get } = url.startsWith("https:") ? https : http;
    get(url, { headers }, (response) => resolve({ status: response.resume().statusCode })).on("error", reject);
  });
const byFetch = async () => ({ status: (await fetch(url, { headers })).status });
const answer = await (client === "fetch" ? byFetch() : byHttp()).catch((error) => ({
  error: (error.cause ?? error).message,
}));
console.log(JSON.stringify(answer));
process.exit();
