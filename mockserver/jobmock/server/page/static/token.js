/** The control token: asked for in a dialog, kept in this tab only, never in a URL. */

import { byId, setText } from "./dom.js";

const NAME = "jobmock-token";

let token = sessionStorage.getItem(NAME);
let pending = null;

export const currentToken = () => token;

/** Ask the user for the token. Several calls at a time share one dialog. */
export function requestToken(detail) {
  pending ??= new Promise((resolve) => open(detail, resolve)).finally(() => (pending = null));
  return pending;
}

function open(detail, resolve) {
  const [dialog, input] = [byId("token"), byId("token-text")];
  setText(byId("token-detail"), detail || "Its operator has set one with --control-token.");
  input.value = "";
  dialog.onclose = () => {
    if (!input.value) return dialog.showModal();
    keep(input.value);
    input.value = "";
    resolve();
  };
  dialog.showModal();
}

function keep(text) {
  token = text;
  sessionStorage.setItem(NAME, text);
}
