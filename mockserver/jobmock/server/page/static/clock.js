/** The clock of the shown namespace: its reading, its mode, and the buttons that move it. */

import { call } from "./control_calls.js";
import { byId, setText } from "./dom.js";
import { duration, elapsed, utc } from "./formats.js";
import { guarded } from "./messages.js";
import { reading } from "./namespaces.js";

/** Connect the clock bar. */
export function connectClock(namespaces) {
  const took = (clock, name) => namespaces.takeClock(name, clock);
  const advance = guarded(async (seconds) => {
    const namespace = namespaces.chosen;
    took(await call("POST", "clock/advance", { body: { namespace, seconds } }), namespace);
  });
  for (const button of document.querySelectorAll("#clock [data-seconds]")) {
    button.addEventListener("click", () => advance(Number(button.dataset.seconds)));
  }
  byId("next-event").addEventListener("click", () => {
    const { nextIn } = reading(namespaces.state);
    if (nextIn !== null) advance(Math.max(0, Math.ceil(nextIn * 1e6) / 1e6));
  });
  byId("clock-mode").addEventListener("change", showSpeed);
  byId("clock-form").addEventListener("submit", guarded(async (event) => {
    event.preventDefault();
    const namespace = namespaces.chosen;
    took(await call("PUT", "clock", { body: { namespace, ...chosenMode() } }), namespace);
  }));
  namespaces.chose.on(() => showMode(namespaces.state.clock));
  namespaces.updated.on((state) => showMode(state.clock));
}

/** Show what the clock reads now. */
export function showReading(state) {
  const { now, elapsed: passed, nextIn } = reading(state);
  setText(byId("clock-elapsed"), elapsed(passed));
  setText(byId("clock-reading"), utc(now, 0));
  setText(byId("clock-next"), nextEvent(nextIn));
  byId("next-event").disabled = nextIn === null || state.closed;
}

function nextEvent(nextIn) {
  if (nextIn === null) return "nothing is due";
  return nextIn > 0 ? `next event in ${duration(nextIn)}` : "next event now";
}

let shownMode = "";

/** Show the mode; what the user is just choosing stays. */
function showMode({ mode, speed }) {
  if (shownMode === `${mode} ${speed}`) return;
  shownMode = `${mode} ${speed}`;
  byId("clock-mode").value = mode;
  if (mode === "scaled") byId("clock-speed").value = speed;
  showSpeed();
}

function showSpeed() {
  byId("clock-speed-label").hidden = byId("clock-mode").value !== "scaled";
}

function chosenMode() {
  const mode = byId("clock-mode").value;
  return mode === "scaled" ? { mode, speed: Number(byId("clock-speed").value) } : { mode };
}
