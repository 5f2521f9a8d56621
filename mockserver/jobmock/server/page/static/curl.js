/** Writes a request as a curl command. */

import { target } from "./formats.js";

const KEYS = { clado: "$CLADO_API_KEY", orbit: "$ORBIT_API_KEY" };
const BODIES = {
  "clado start": { query: "chemists in Graz" },
  "orbit start": { email: "someone@mail.invalid" },
  "clado more": { limit: 10 },
};

/** The address of the server, without the folder of control calls. */
export const baseUrl = () => new URL("..", location.href).href.replace(/\/$/, "");

/** The key isn't known to the page, so the command reads it from the environment. */
export function curlCommand(exchange) {
  const parts = ["curl"];
  if (/[[\]{}]/.test(target(exchange))) parts.push("--globoff");
  if (exchange.method !== "GET") parts.push("-X", quoted(exchange.method));
  parts.push(quoted(baseUrl() + target(exchange)));
  if (exchange.api) parts.push("-H", `"Authorization: Bearer ${KEYS[exchange.api]}"`);
  const body = exchange.method === "POST" && BODIES[`${exchange.api} ${exchange.operation}`];
  if (body) parts.push("-H", "'Content-Type: application/json'", "-d", quoted(JSON.stringify(body)));
  return parts.join(" ");
}

export function exampleCommand() {
  const body = quoted(JSON.stringify(BODIES["clado start"]));
  return `curl ${quoted(`${baseUrl()}/api/search/deep_research`)} \\\n  -H 'Authorization: Bearer lk_me' \\\n  -d ${body}`;
}

const quoted = (text) => (/^[A-Z]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
