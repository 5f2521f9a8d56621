/** Writes a request as a curl command. The page doesn't know the key, so the command reads it from the environment. */

import { joined } from "./dom.js";
import { requestLine } from "./formats.js";
import { namespaces } from "./namespaces.js";

export function curlCommand(exchange) {
  const { method, api, operation } = exchange;
  const { header, variable, bodies = {} } = namespaces.apis[api] || {};
  const body = method !== "GET" && bodies[operation];
  return joined([
    "curl --globoff", method !== "GET" && `-X ${quoted(method)}`,
    quoted(baseUrl() + requestLine(exchange).slice(method.length + 1)), header && `-H "${header}$${variable}"`,
    body && `-H 'Content-Type: application/json' -d ${quoted(JSON.stringify(body))}`,
  ], " ");
}

/** What a first visitor can try: a start of the first API that has one. */
export function exampleCommand() {
  const { header, prefix, start, bodies } = Object.values(namespaces.apis).find((api) => api.start);
  const data = `-d ${quoted(JSON.stringify(bodies.start))}`;
  return joined([`curl ${quoted(baseUrl() + start)}`, header && `-H '${header}${prefix}me'`, data], " \\\n  ");
}

/** The address of the APIs: that of the page without the folder of control calls, but for a control port. */
function baseUrl() {
  const url = new URL("..", location.href);
  if (namespaces.apisPort) url.port = namespaces.apisPort;
  return url.href.slice(0, -1);
}

const quoted = (text) => (/^[A-Z]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
