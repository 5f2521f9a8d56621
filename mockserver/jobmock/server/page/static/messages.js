/** Shows errors, and short notices that go by themselves. */

import { button, byId, element, setText } from "./dom.js";

let timer = null;

/** Show an error until the user closes it. In a dialog it is shown there, above the page. */
export function showError(error) {
  if (error.name === "AbortError") return;
  const text = error instanceof TypeError ? "The server can’t be reached." : error.message;
  place("message").replaceChildren(element("p", null, text), button("Close", clearError));
}

const clearError = () => byId("message").replaceChildren();

export function showNotice(text) {
  place("notice");
  setText("notice", text);
  clearTimeout(timer);
  timer = setTimeout(() => setText("notice", ""), 4000);
}

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
