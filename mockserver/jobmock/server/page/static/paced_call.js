/** Calls that take work in the server: not often, and not while the tab is hidden. */

import { showError } from "./messages.js";
import { call } from "./control_calls.js";
import { namespaces } from "./namespaces.js";

const LEAST_PAUSE = 1000;
const PAUSE_PER_DURATION = 5;

/** Give `take` the answers about the shown namespace: when it was chosen, and when it has changed. */
export function pacedCall(path, take) {
  let [wanted, running, next, timer] = [false, false, 0, null];

  function schedule() {
    if (!wanted || running || document.hidden) return;
    clearTimeout(timer);
    timer = setTimeout(run, Math.max(0, next - performance.now()));
  }

  async function run() {
    if (document.hidden || running) return;
    [wanted, running] = [false, true];
    const start = performance.now();
    await load();
    const end = performance.now();
    next = Math.max(start + LEAST_PAUSE, end + PAUSE_PER_DURATION * (end - start));
    running = false;
    schedule();
  }

  async function load() {
    const { chosen: namespace } = namespaces;
    try {
      const answer = await call("GET", path, { query: { namespace } });
      if (namespace === namespaces.chosen) take(answer);
    } catch (error) {
      if (namespace === namespaces.chosen) showError(error);
    }
  }

  document.addEventListener("visibilitychange", schedule);
  namespaces.chose.on(() => (next = 0));
  namespaces.updated.on(({ closed }) => {
    wanted = !closed;
    schedule();
  });
}
