/** Calls that take work in the server: not often, and not while the tab is hidden. */

import { call } from "./control_calls.js";
import { showError } from "./messages.js";
import { namespaces } from "./namespaces.js";

const LEAST_PAUSE = 1000;
const PAUSE_PER_DURATION = 5;

/** Return `want(is)`, which lets `work` be done once more when it is time, and `hurry`, for which it is time now. */
export function paced(work) {
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
    await work();
    const end = performance.now();
    next = Math.max(start + LEAST_PAUSE, end + PAUSE_PER_DURATION * (end - start));
    running = false;
    schedule();
  }

  function want(is = true) {
    wanted = is;
    schedule();
  }

  document.addEventListener("visibilitychange", schedule);
  return { want, hurry: () => (next = 0) };
}

/** Give `take` the answers about the shown namespace when it has changed, and the number of its requests. */
export function pacedCall(path, take) {
  const { want, hurry } = paced(async () => {
    const { chosen: namespace, state: { requests } } = namespaces;
    try {
      const answer = await call("GET", path, { query: { namespace } });
      if (namespace === namespaces.chosen) take(answer, requests);
    } catch (error) {
      if (namespace === namespaces.chosen) showError(error);
    }
  });
  namespaces.chose.on(hurry);
  namespaces.updated.on(({ closed }) => want(!closed));
}
