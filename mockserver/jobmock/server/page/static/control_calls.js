/** Sends control calls. If the server wants a token, the user is asked; it stays in this tab, and in no URL. */

import { byId, setText } from "./dom.js";

const TOKEN = "jobmock-token";

/** A refused call. `message` is the server's own sentence. */
export class ControlError extends Error {
  constructor(status, { detail, title }) {
    super(detail || title || `The server answered ${status}.`);
    this.status = status;
  }
}

/** Return the answer of a call as JSON. */
export const call = async (method, path, options) => (await send(method, path, options)).json();

/** Return the answer of a GET call as text. */
export const text = async (path, query) => (await send("GET", path, { query })).text();

export async function send(method, path, { query, body, signal } = {}) {
  for (;;) {
    const token = sessionStorage.getItem(TOKEN);
    const headers = { ...(token && { "X-Jobmock-Token": token }), ...(body && { "Content-Type": "application/json" }) };
    const url = query ? `${path}?${new URLSearchParams(query)}` : path;
    const response = await fetch(url, { method, headers, signal, body: body && JSON.stringify(body) });
    if (response.ok) return response;
    const error = new ControlError(response.status, await response.json().catch(() => ({})));
    if (error.status !== 403 || !/token/i.test(error.message)) throw error;
    if (token === sessionStorage.getItem(TOKEN)) await requestToken(token && error.message);
  }
}

let pending = null;

/** Several calls at a time share one dialog. */
function requestToken(detail) {
  pending ??= new Promise((resolve) => {
    const [dialog, input] = [byId("token"), byId("token-text")];
    setText("token-detail", detail || "Its operator has set one with --control-token.");
    dialog.onclose = () => {
      if (!input.value) return dialog.showModal();
      sessionStorage.setItem(TOKEN, input.value);
      [input.value, pending] = ["", null];
      return resolve();
    };
    dialog.showModal();
  });
  return pending;
}
