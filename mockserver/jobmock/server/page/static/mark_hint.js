/** A small text beside the mark under the pointer, or the one that has the focus. */

import { element } from "./dom.js";

export function connectHint(lanes) {
  const hint = element("div", { class: "hint", "aria-hidden": "true", hidden: true });
  document.body.append(hint);
  const show = (event) => {
    const mark = event.target.closest?.(".mark[data-exchange]");
    hint.hidden = !mark;
    if (mark) place(hint, mark);
  };
  const hide = () => (hint.hidden = true);
  lanes.addEventListener("pointerover", show);
  lanes.addEventListener("focusin", show);
  lanes.addEventListener("pointerleave", hide);
  lanes.addEventListener("focusout", hide);
  lanes.addEventListener("scroll", hide, { passive: true });
  window.addEventListener("keydown", (event) => event.key === "Escape" && hide());
}

function place(hint, mark) {
  hint.textContent = mark.getAttribute("aria-label");
  const box = mark.getBoundingClientRect();
  const left = Math.min(box.left + box.width / 2 - hint.offsetWidth / 2, innerWidth - hint.offsetWidth - 8);
  const above = box.top - hint.offsetHeight - 6;
  hint.style.left = `${Math.max(8, left)}px`;
  hint.style.top = `${above > 8 ? above : box.bottom + 6}px`;
}
