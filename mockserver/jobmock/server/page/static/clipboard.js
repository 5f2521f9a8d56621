/** Copies texts. */

import { element } from "./dom.js";
import { showError, showNotice } from "./messages.js";

export async function copyText(text, name) {
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else copySelection(text);
    showNotice(`${name} is copied.`);
  } catch {
    showError(new Error("The browser doesn't let this page copy."));
  }
}

/** The way of pages that have neither https nor a local address. */
function copySelection(text) {
  const area = element("textarea", { class: "unseen", readonly: true });
  area.value = text;
  (document.querySelector("dialog[open]") || document.body).append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (!copied) throw new Error("not copied");
}
