/** Sends control calls, with the token if there is one. */

import { currentToken, requestToken } from "./token.js";

/** A refused call. `message` is the server's own sentence, `errors` the places in a scenario. */
export class ControlError extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `The server answered ${status}.`);
    this.status = status;
    this.errors = problem.errors || [];
  }
}

/** Return the answer of a call as JSON. */
export async function call(method, path, { query, body, signal } = {}) {
  return (await send(method, path, { query, body, signal })).json();
}

/** Return the response of a GET call. */
export const fetched = (path, query, signal) => send("GET", path, { query, signal });

/** Send a call; if the server asks for a token, ask the user and send it again. */
export async function send(method, path, { query, body, signal } = {}) {
  for (;;) {
    const token = currentToken();
    const response = await fetch(address(path, query), {
      method, signal, cache: "no-store", headers: headers(token, body), body: body && JSON.stringify(body),
    });
    if (response.ok) return response;
    const error = new ControlError(response.status, await problem(response));
    if (!isAboutToken(error)) throw error;
    if (token === currentToken()) await requestToken(token ? error.message : "");
  }
}

const isAboutToken = (error) => error.status === 403 && /token/i.test(error.message);

const address = (path, query) => (query ? `${path}?${new URLSearchParams(query)}` : path);

function headers(token, body) {
  return { ...(token && { "X-Jobmock-Token": token }), ...(body && { "Content-Type": "application/json" }) };
}

async function problem(response) {
  try {
    return await response.json();
  } catch {
    return {};
  }
}
