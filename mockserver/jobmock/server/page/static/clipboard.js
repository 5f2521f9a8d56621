/** Copies texts. */

import { element } from "./dom.js";
import { showError, showNotice } from "./messages.js";

export async function copyText(text, name) {
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else copySelection(text);
    showNotice(`${name} is copied.`);
  } catch {
    showError(new Error("The browser doesn’t let this page copy."));
  }
}

/** For pages without https and without a local address. */
function copySelection(text) {
  const area = element("textarea", { class: "unseen" }, text);
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
