/** Calls that take work in the server: not often, and not while the tab is hidden. */

const LEAST_PAUSE = 1000;
const PAUSE_PER_DURATION = 5;

/** Return a function that does `load` soon; with true at once, because another namespace was chosen. */
export function pacedCall(load) {
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

  document.addEventListener("visibilitychange", schedule);
  return (atOnce) => {
    if (atOnce) next = 0;
    wanted = true;
    schedule();
  };
}
