/** The clock of the shown namespace: its reading, its mode, and the buttons that move it. */

import { call } from "./control_calls.js";
import { byId, on, setText } from "./dom.js";
import { duration, elapsed, utc } from "./formats.js";
import { guarded } from "./messages.js";
import { namespaces, reading, takeClock } from "./namespaces.js";

const LEAST_PAUSE = 1000;

export function connectClock() {
  on("clock", "click", ({ target }) => target.dataset.seconds && advance(Number(target.dataset.seconds)));
  on("next-event", "click", () => advance(Math.max(0, Math.ceil(reading().nextIn * 1e6) / 1e6)));
  on("clock-mode", "change", showSpeed);
  on("clock-form", "submit", (event) => {
    event.preventDefault();
    const mode = byId("clock-mode").value;
    change("PUT", "clock", mode === "scaled" ? { mode, speed: Number(byId("clock-speed").value) } : { mode });
  });
  namespaces.updated.on(({ clock, closed }) => {
    byId("clock").hidden = !clock || closed;
    if (!clock) return;
    showMode(clock);
    showReading();
  });
}

const advance = (seconds) => change("POST", "clock/advance", { seconds });

const change = guarded(async (method, path, body) => {
  const namespace = namespaces.chosen;
  takeClock(namespace, await call(method, path, { body: { namespace, ...body } }));
});

/** Show what the clock reads now. */
export function showReading() {
  const { now, elapsed: passed, nextIn } = reading();
  setText("clock-elapsed", elapsed(passed));
  setText("clock-reading", utc(now).replace(/\.\d+/, ""));
  setText("clock-next", nextIn === null ? "nothing is due" : `next event ${nextIn > 0 ? `in ${duration(nextIn)}` : "now"}`);
  byId("next-event").disabled = nextIn == null;
}

let asked = 0;

/** No event comes when time alone moves a job: then the page asks, and takes the next statuses too. */
export function askIfDue() {
  const { nextIn } = reading();
  if (nextIn === null || nextIn > 0 || performance.now() - asked < LEAST_PAUSE) return;
  asked = performance.now();
  ask(namespaces.chosen);
}

const ask = guarded(async (namespace) => takeClock(namespace, await call("GET", "clock", { query: { namespace } })));

let shown = "";

/** Show the mode; what the user is choosing stays. */
function showMode({ mode, speed }) {
  if (shown === `${mode} ${speed}`) return;
  shown = `${mode} ${speed}`;
  byId("clock-mode").value = mode;
  if (mode === "scaled") byId("clock-speed").value = speed;
  showSpeed();
}

function showSpeed() {
  byId("clock-speed-label").hidden = byId("clock-mode").value !== "scaled";
}
