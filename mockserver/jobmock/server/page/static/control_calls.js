/** Sends control calls. If the server wants a token, the user is asked; it stays in this tab, and in no URL. */

import { byId, setText } from "./dom.js";

const TOKEN = "jobmock-token";
const SENDABLE = /^[\x20-\xff]*$/;

/** Return the answer of a call as JSON. */
export const call = async (method, path, options) => (await send(method, path, options)).json();

/** Return the answer of a GET call as text. */
export const text = async (path, query) => (await send("GET", path, { query })).text();

/** Return the response of a call. Throws the server's own sentence, with its `status`. */
export async function send(method, path, { query, body, signal } = {}) {
  for (;;) {
    const token = sessionStorage.getItem(TOKEN);
    const headers = { ...(token && { "X-Jobmock-Token": token }), ...(body && { "Content-Type": "application/json" }) };
    const url = query ? `${path}?${new URLSearchParams(query)}` : path;
    const response = await fetch(url, { method, headers, signal, body: body && JSON.stringify(body) });
    if (response.ok) return response;
    const { status } = response;
    const { detail = `The server answered ${status}.` } = await response.json().catch(() => ({}));
    if (status !== 403 || !/token/i.test(detail)) throw Object.assign(new Error(detail), { status });
    if (token === sessionStorage.getItem(TOKEN)) await requestToken(token && "This isn’t the server’s token.");
  }
}

let pending = null;

/** Several calls at a time share one dialog. */
function requestToken(detail) {
  pending ??= new Promise((resolve) => {
    const [dialog, input] = [byId("token"), byId("token-text")];
    setText("token-detail", detail || "Its operator has set one with --control-token.");
    dialog.onclose = () => {
      const { value } = input;
      const isSendable = SENDABLE.test(value);
      input.value = "";
      if (!isSendable) setText("token-detail", "It has a character that no header can have, so it can’t be a token.");
      if (!value || !isSendable) return dialog.showModal();
      sessionStorage.setItem(TOKEN, value);
      pending = null;
      return resolve();
    };
    dialog.showModal();
  });
  return pending;
}
