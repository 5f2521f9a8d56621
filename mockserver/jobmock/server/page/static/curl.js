/** Writes a request as a curl command. The page doesn't know the key, so the command reads it from the environment. */

import { joined } from "./dom.js";
import { requestLine } from "./formats.js";
import { namespaces } from "./namespaces.js";

const KEYS = { clado: "$CLADO_API_KEY", orbit: "$ORBIT_API_KEY" };
const BODIES = {
  "clado start": { query: "chemists in Graz" }, "clado more": { limit: 10 }, "orbit start": { email: "someone@mail.invalid" },
};

export function curlCommand(exchange) {
  const { method, api, operation } = exchange;
  const body = method === "POST" && BODIES[`${api} ${operation}`];
  return joined([
    "curl --globoff", method !== "GET" && `-X ${quoted(method)}`,
    quoted(baseUrl() + requestLine(exchange).slice(method.length + 1)), api && `-H "Authorization: Bearer ${KEYS[api]}"`,
    body && `-H 'Content-Type: application/json' -d ${quoted(JSON.stringify(body))}`,
  ], " ");
}

/** What a first visitor can try. */
export const exampleCommand = () =>
  `curl ${quoted(`${baseUrl()}/api/search/deep_research`)} \\\n  -H 'Authorization: Bearer lk_me' \\\n  -d '{"query": "chemists in Graz"}'`;

/** The address of the APIs: that of the page without the folder of control calls, but for a control port. */
function baseUrl() {
  const url = new URL("..", location.href);
  if (namespaces.apisPort) url.port = namespaces.apisPort;
  return url.href.slice(0, -1);
}

const quoted = (text) => (/^[A-Z]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
