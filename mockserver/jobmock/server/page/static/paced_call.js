/** A call that takes work in the server: repeated only when needed, and never often. */

const LEAST_PAUSE = 1000;
const PAUSE_PER_DURATION = 5;

export class PacedCall {
  #load;
  #wanted = false;
  #running = false;
  #next = 0;
  #timer = null;

  /** `load` does the call and handles its answer and its errors. */
  constructor(load) {
    this.#load = load;
    document.addEventListener("visibilitychange", () => this.#schedule());
  }

  /** Do the call soon. */
  request() {
    this.#wanted = true;
    this.#schedule();
  }

  /** Do the call now, whatever came before: another namespace was chosen. */
  restart() {
    this.#next = 0;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.request();
  }

  #schedule() {
    if (!this.#wanted || this.#running || this.#timer || document.hidden) return;
    this.#timer = setTimeout(() => this.#run(), Math.max(0, this.#next - performance.now()));
  }

  async #run() {
    this.#timer = null;
    if (document.hidden) return;
    [this.#wanted, this.#running] = [false, true];
    const start = performance.now();
    await this.#load();
    const end = performance.now();
    this.#next = Math.max(start + LEAST_PAUSE, end + PAUSE_PER_DURATION * (end - start));
    this.#running = false;
    this.#schedule();
  }
}
