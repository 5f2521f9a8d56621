// GET by each HTTP client: a function of a URL and a time limit in milliseconds that returns the parsed JSON.

import http from "node:http";

const headers = { authorization: `Bearer ${process.env.MOCK_KEY}` };

function byHttp(url, limit) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { headers, timeout: limit }, (response) => {
      let text = "";
      response.on("data", (part) => (text += part));
      response.on("end", () => resolve(JSON.parse(text)));
      response.on("error", reject);
    });
    request.on("timeout", () => request.destroy(new Error("timeout")));
    request.on("error", reject);
  });
}

async function byFetch(url, limit, fetch = globalThis.fetch) {
  return (await fetch(url, { headers, signal: AbortSignal.timeout(limit) })).json();
}

const clients = {
  fetch: async () => byFetch,
  "node:http": async () => byHttp,
  undici: async () => {
    const { fetch } = await import("undici");
    return (url, limit) => byFetch(url, limit, fetch);
  },
  "undici.request": async () => {
    const { request } = await import("undici");
    return async (url, limit) => (await request(url, { headers, headersTimeout: limit })).body.json();
  },
  axios: async () => {
    const { default: axios } = await import("axios");
    return async (url, limit) => (await axios.get(url, { headers, timeout: limit })).data;
  },
  got: async () => {
    const { default: got } = await import("got");
    return (url, limit) => got(url, { headers, timeout: { request: limit }, retry: { limit: 0 } }).json();
  },
  ky: async () => {
    const { default: ky } = await import("ky");
    return (url, limit) => ky(url, { headers, timeout: limit, retry: 0 }).json();
  },
};

/** Return a client by its name. */
export function load(name) {
  return clients[name]();
}
