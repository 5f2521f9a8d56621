/** Shows errors and short notices, and copies texts. */

import { button, byId, element, setText } from "./dom.js";

let timer = null;

/** fetch throws a TypeError if there is no server. */
export const sentenceOf = (error) => (error instanceof TypeError ? "The server can’t be reached." : error.message);

/** Show an error until the user closes it. */
export function showError(error) {
  if (error.name !== "AbortError") place("message").replaceChildren(element("p", sentenceOf(error)), button("", "Close", clearError));
}

export const clearError = () => byId("message").replaceChildren();

export function showNotice(text) {
  place("notice");
  setText("notice", text);
  clearTimeout(timer);
  timer = setTimeout(() => setText("notice", ""), 4000);
}

/** An open dialog is above the page, so messages are shown in it. */
function place(id) {
  const parent = document.querySelector("dialog[open]") || document.body;
  if (byId(id).parentNode !== parent) parent.append(byId(id));
  return byId(id);
}

/** Return a function that does something, and shows its error if it fails. */
export const guarded = (action) => async (...values) => {
  try {
    clearError();
    await action(...values);
  } catch (error) {
    showError(error);
  }
};

export const copyText = guarded(async (text, name) => {
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else copySelection(text);
  showNotice(`${name} is copied.`);
});

/** For pages without https and without a local address. */
function copySelection(text) {
  const area = element("textarea.unseen");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
