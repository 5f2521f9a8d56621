/** Keyboard, wheel, pointer and buttons of the lanes. */

import { byId } from "./dom.js";
import { connectHint } from "./mark_hint.js";

const STEP = 0.25;
const FACTOR = 1.6;
const DRAG_START = 4;

/** `choose` is called with the number of an exchange whose mark was clicked, or entered. */
export function connectLaneInput(view, choose) {
  const lanes = byId("lanes");
  connectButtons(view);
  connectKeys(lanes, view, choose);
  connectWheel(lanes, view);
  connectDrag(lanes, view);
  connectHint(lanes);
  lanes.addEventListener("click", (event) => {
    const mark = event.target.closest(".mark");
    if (mark) choose(Number(mark.dataset.exchange));
  });
  lanes.addEventListener("focusin", ({ target }) => {
    if (target.dataset.exchange) target.closest("svg").dataset.entry = target.dataset.exchange;
  });
}

function connectButtons(view) {
  const on = (id, action) => byId(id).addEventListener("click", action);
  on("earlier", () => view.pan(-STEP));
  on("later", () => view.pan(STEP));
  on("zoom-in", () => view.zoom(1 / FACTOR));
  on("zoom-out", () => view.zoom(FACTOR));
  on("fit", () => {
    view.fit();
    view.changed.emit();
  });
  on("follow", () => view.toggleFollow());
}

function connectKeys(lanes, view, choose) {
  const keys = {
    "+": () => view.zoom(1 / FACTOR), "=": () => view.zoom(1 / FACTOR), "-": () => view.zoom(FACTOR), "0": () => view.fit(),
    "Shift ArrowLeft": () => view.pan(-STEP), "Shift ArrowRight": () => view.pan(STEP),
    ArrowLeft: (mark) => step(mark, -1), ArrowRight: (mark) => step(mark, 1),
    Home: (mark) => focusMark(mark && marksBeside(mark)[0]), End: (mark) => focusMark(mark && marksBeside(mark).at(-1)),
    Enter: (mark) => mark && choose(Number(mark.dataset.exchange)), " ": (mark) => mark && choose(Number(mark.dataset.exchange)),
  };
  lanes.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("button")) return;
    const action = keys[event.shiftKey && event.key.startsWith("Arrow") ? `Shift ${event.key}` : event.key];
    const mark = event.target.closest(".mark");
    if (!action || (!mark && [" ", "Enter", "Home", "End", "ArrowLeft", "ArrowRight"].includes(event.key) && !event.shiftKey)) return;
    event.preventDefault();
    action(mark);
  });
}

const marksBeside = (mark) => [...mark.parentNode.querySelectorAll(".mark")];

function step(mark, distance) {
  const marks = marksBeside(mark);
  focusMark(marks[marks.indexOf(mark) + distance]);
}

/** One mark of each lane is in the order of Tab. */
function focusMark(mark) {
  if (!mark) return;
  marksBeside(mark).forEach((other) => other.setAttribute("tabindex", other === mark ? 0 : -1));
  mark.focus();
}

/** Ctrl and the wheel zoom around the pointer; the wheel sideways, or with Shift, moves. */
function connectWheel(lanes, view) {
  lanes.addEventListener("wheel", (event) => {
    const { left, width } = byId("axis").getBoundingClientRect();
    const sideways = event.shiftKey && !event.deltaX ? event.deltaY : event.deltaX;
    if (event.ctrlKey) view.zoom(1.002 ** event.deltaY, Math.min(1, Math.max(0, (event.clientX - left) / width)));
    else if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) view.pan(sideways / width);
    else return;
    event.preventDefault();
  }, { passive: false });
}

/** Dragging the picture moves it. */
function connectDrag(lanes, view) {
  let last = null;
  let moved = 0;
  lanes.addEventListener("pointerdown", (event) => {
    if (event.button || !event.target.closest(".track")) return;
    [last, moved] = [event.clientX, 0];
  });
  window.addEventListener("pointermove", (event) => {
    if (last === null) return;
    moved += Math.abs(event.clientX - last);
    if (moved > DRAG_START) view.pan((last - event.clientX) / byId("axis").clientWidth);
    last = event.clientX;
  });
  const end = () => (last = null);
  window.addEventListener("pointerup", end);
  window.addEventListener("pointercancel", end);
  lanes.addEventListener("click", (event) => moved > DRAG_START && event.stopImmediatePropagation(), true);
}
