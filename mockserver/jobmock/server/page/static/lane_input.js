/** Keyboard, wheel, pointer and buttons of the lanes, and the text beside a mark. */

import { byId, element, onClick } from "./dom.js";
import { pan, setMode, view, zoom } from "./time_view.js";

const STEP = 0.25;
const FACTOR = 1.6;
const DRAG_START = 4;
const NEAR = 7;

/** `choose` is called with the number of an exchange whose mark was clicked, or entered. */
export function connectLaneInput(choose) {
  const lanes = byId("lanes");
  connectButtons();
  connectKeys(lanes, choose);
  connectWheel(lanes);
  connectDrag(lanes);
  connectHint(lanes);
  lanes.addEventListener("click", (event) => markAt(event) && choose(numberOf(markAt(event))));
  lanes.addEventListener("focusin", (event) => {
    const mark = markAt(event);
    if (mark) mark.parentNode.dataset.entry = numberOf(mark);
  });
}

/** The mark that has the focus, or the one next to the pointer. */
function markAt(event) {
  const track = event.target.closest?.(".track");
  if (!track || event.clientX === undefined) return event.target.closest?.(".mark[data-exchange]");
  const x = event.clientX - track.getBoundingClientRect().left;
  const marks = [...track.querySelectorAll(".mark")].filter(({ dataset }) => Math.abs(dataset.x - x) < NEAR);
  return marks.sort((one, other) => Math.abs(one.dataset.x - x) - Math.abs(other.dataset.x - x))[0];
}

const numberOf = (mark) => Number(mark.dataset.exchange);

function connectButtons() {
  onClick("earlier", () => pan(-STEP));
  onClick("later", () => pan(STEP));
  onClick("zoom-in", () => zoom(1 / FACTOR));
  onClick("zoom-out", () => zoom(FACTOR));
  onClick("fit", () => setMode("fit"));
  onClick("follow", () => setMode(view.mode === "follow" ? "free" : "follow"));
}

function connectKeys(lanes, choose) {
  const anywhere = {
    "+": () => zoom(1 / FACTOR), "=": () => zoom(1 / FACTOR), "-": () => zoom(FACTOR), 0: () => setMode("fit"),
    ShiftArrowLeft: () => pan(-STEP), ShiftArrowRight: () => pan(STEP),
  };
  const onMark = {
    ArrowLeft: (mark) => focusMark(mark.previousElementSibling), ArrowRight: (mark) => focusMark(mark.nextElementSibling),
    Enter: (mark) => choose(numberOf(mark)), " ": (mark) => choose(numberOf(mark)),
  };
  lanes.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const mark = markAt(event);
    const key = event.shiftKey && event.key.startsWith("Arrow") ? `Shift${event.key}` : event.key;
    const action = anywhere[key] || (mark && onMark[key]);
    if (!action) return;
    event.preventDefault();
    action(mark);
  });
}

/** One mark of each lane is in the order of Tab. */
function focusMark(mark) {
  if (!mark?.dataset.exchange) return;
  mark.parentNode.querySelectorAll(".mark").forEach((other) => other.setAttribute("tabindex", other === mark ? 0 : -1));
  mark.focus();
}

/** Ctrl and the wheel zoom around the pointer; the wheel sideways moves. */
function connectWheel(lanes) {
  lanes.addEventListener("wheel", (event) => {
    const { left, width } = byId("axis").getBoundingClientRect();
    if (event.ctrlKey) zoom(1.002 ** event.deltaY, Math.min(1, Math.max(0, (event.clientX - left) / width)));
    else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) pan(event.deltaX / width);
    else return;
    event.preventDefault();
  }, { passive: false });
}

/** Dragging the picture moves it. */
function connectDrag(lanes) {
  let [last, moved] = [null, 0];
  lanes.addEventListener("pointerdown", (event) => {
    moved = 0;
    last = event.button || !event.target.closest(".track") ? null : event.clientX;
  });
  window.addEventListener("pointermove", (event) => {
    if (last === null) return;
    moved += Math.abs(event.clientX - last);
    if (moved > DRAG_START) pan((last - event.clientX) / byId("axis").clientWidth);
    last = event.clientX;
  });
  for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, () => (last = null));
  lanes.addEventListener("click", (event) => moved > DRAG_START && event.stopImmediatePropagation(), true);
}

/** The name of the mark that has the pointer or the focus is shown beside it. */
function connectHint(lanes) {
  const hint = element("div", { class: "hint", "aria-hidden": "true", hidden: true });
  document.body.append(hint);
  const show = (event) => {
    const mark = markAt(event);
    hint.hidden = !mark;
    if (!mark) return;
    hint.textContent = mark.getAttribute("aria-label");
    const { left, top, bottom } = mark.getBoundingClientRect();
    hint.style.left = `${Math.max(8, Math.min(left - hint.offsetWidth / 2, innerWidth - hint.offsetWidth - 8))}px`;
    hint.style.top = `${top > hint.offsetHeight + 8 ? top - hint.offsetHeight - 6 : bottom + 6}px`;
  };
  for (const type of ["pointermove", "focusin"]) lanes.addEventListener(type, show);
  for (const type of ["pointerleave", "focusout", "scroll"]) lanes.addEventListener(type, () => (hint.hidden = true));
  window.addEventListener("keydown", (event) => event.key === "Escape" && (hint.hidden = true));
}
