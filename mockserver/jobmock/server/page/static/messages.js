/** Shows errors, and short notices that go by themselves. */

import { byId, element, setText } from "./dom.js";

let timer = null;

/** Show an error until the user closes it. */
export function showError(error) {
  if (error.name === "AbortError") return;
  const text = error instanceof TypeError ? "The server can't be reached." : error.message;
  const close = element("button", { type: "button", onclick: clearError }, "Close");
  byId("message").replaceChildren(element("p", null, text), close);
}

export const clearError = () => byId("message").replaceChildren();

/** Show a short sentence for some seconds. */
export function showNotice(text) {
  setText(byId("notice"), text);
  clearTimeout(timer);
  timer = setTimeout(() => setText(byId("notice"), ""), 4000);
}

/** Return a function that does something, and shows its error if it fails. */
export const guarded = (action) => async (...values) => {
  try {
    clearError();
    return await action(...values);
  } catch (error) {
    showError(error);
  }
};
