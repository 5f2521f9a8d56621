/** Keyboard, wheel, pointer and buttons of the lanes, and the text beside a mark. */

import { byId, element, on } from "./dom.js";
import { pan, setMode, view, zoom } from "./time_view.js";

const STEP = 0.25;
const FACTOR = 1.6;
const DRAG_START = 4;
const NEAR = 7;

const listen = (type, listener, options) => byId("lanes").addEventListener(type, listener, options);

/** `choose` is called with the number of an exchange whose mark was clicked, or entered. */
export function connectLaneInput(choose) {
  connectButtons();
  connectKeys(choose);
  connectWheel();
  connectDrag();
  connectHint();
  listen("click", (event) => markAt(event) && choose(numberOf(markAt(event))));
  listen("focusin", ({ target }) => target.dataset.exchange && (target.parentNode.dataset.entry = numberOf(target)));
}

/** The mark that has the focus, or the one next to the pointer. */
function markAt({ target, clientX }) {
  const track = target.closest?.(".track");
  if (!track || clientX === undefined) return target.closest?.(".mark[data-exchange]");
  const x = clientX - track.getBoundingClientRect().left;
  const distance = ({ dataset }) => Math.abs(dataset.x - x);
  const marks = [...track.querySelectorAll(".mark")].filter((mark) => distance(mark) < NEAR);
  return marks.sort((one, other) => distance(one) - distance(other))[0];
}

const numberOf = (mark) => Number(mark.dataset.exchange);

function connectButtons() {
  const actions = {
    earlier: () => pan(-STEP), later: () => pan(STEP), "zoom-in": () => zoom(1 / FACTOR), "zoom-out": () => zoom(FACTOR),
    fit: () => setMode("fit"), follow: () => setMode(view.mode === "follow" ? "free" : "follow"),
  };
  for (const [id, action] of Object.entries(actions)) on(id, "click", action);
}

function connectKeys(choose) {
  const open = (mark) => choose(numberOf(mark));
  const anywhere = {
    "+": () => zoom(1 / FACTOR), "=": () => zoom(1 / FACTOR), "-": () => zoom(FACTOR), 0: () => setMode("fit"),
    ShiftArrowLeft: () => pan(-STEP), ShiftArrowRight: () => pan(STEP),
  };
  const onMark = {
    ArrowLeft: (mark) => focusMark(mark.previousSibling), ArrowRight: (mark) => focusMark(mark.nextSibling), Enter: open, " ": open,
  };
  listen("keydown", (event) => {
    const mark = event.target.closest(".mark");
    const key = event.shiftKey && event.key.startsWith("Arrow") ? `Shift${event.key}` : event.key;
    const action = anywhere[key] || (mark && onMark[key]);
    if (!action || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    action(mark);
  });
}

/** One mark of each lane is in the order of Tab. */
function focusMark(mark) {
  if (!mark?.dataset.exchange) return;
  mark.parentNode.querySelector("[tabindex='0']")?.setAttribute("tabindex", -1);
  mark.setAttribute("tabindex", 0);
  mark.focus();
}

/** Ctrl and the wheel zoom around the pointer; the wheel sideways moves. */
function connectWheel() {
  listen("wheel", (event) => {
    const { left, width } = byId("axis").getBoundingClientRect();
    if (event.ctrlKey) zoom(1.002 ** event.deltaY, Math.min(1, Math.max(0, (event.clientX - left) / width)));
    else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) pan(event.deltaX / width);
    else return;
    event.preventDefault();
  }, { passive: false });
}

/** Dragging the picture moves it. */
function connectDrag() {
  let [last, moved] = [null, 0];
  listen("pointerdown", ({ button, target, clientX }) => {
    [last, moved] = [button || !target.closest(".track") ? null : clientX, 0];
  });
  window.addEventListener("pointermove", ({ clientX }) => {
    if (last === null) return;
    moved += Math.abs(clientX - last);
    if (moved > DRAG_START) pan((last - clientX) / byId("axis").clientWidth);
    last = clientX;
  });
  for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, () => (last = null));
  listen("click", (event) => moved > DRAG_START && event.stopImmediatePropagation(), true);
}

/** The name of the mark that has the pointer or the focus is shown beside it. */
function connectHint() {
  const hint = element("div.hint", { "aria-hidden": "true", hidden: "" });
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
  const hide = () => (hint.hidden = true);
  for (const type of ["pointermove", "focusin"]) listen(type, show);
  for (const type of ["pointerleave", "focusout", "scroll"]) listen(type, hide);
  window.addEventListener("keydown", ({ key }) => key === "Escape" && hide());
}
