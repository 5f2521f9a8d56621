/** The namespaces of the server, and the one that is shown. */

import { signal } from "./dom.js";

export class Namespaces {
  all = new Map();
  more = 0;
  version = "";
  chosen = null;
  /** Emits when the list or one of its entries has changed. */
  changed = signal();
  /** Emits the name of the namespace that is shown from now on. */
  chose = signal();
  /** Emits the state of the shown namespace when it has changed. */
  updated = signal();

  constructor() {
    window.addEventListener("hashchange", () => this.#choose(nameInAddress()));
  }

  get state() {
    return this.all.get(this.chosen);
  }

  /** Take a state of the event stream. */
  take(state) {
    const received = performance.now();
    if (state.complete) this.#forgetOthers(state.namespaces);
    for (const namespace of state.namespaces) {
      this.all.set(namespace.name, { ...this.all.get(namespace.name), ...namespace, received, closed: false });
    }
    for (const name of state.closed || []) this.#close(name);
    this.more = state.more || 0;
    this.version = state.version || this.version;
    this.changed.emit();
    this.#chooseFirst();
    if (this.state && state.namespaces.some(({ name }) => name === this.chosen)) this.updated.emit(this.state);
  }

  /** Take a newer reading of a namespace's clock. */
  takeClock(name, clock) {
    const namespace = this.all.get(name);
    if (!namespace) return;
    Object.assign(namespace, { clock: { ...namespace.clock, ...clock }, received: performance.now() });
    if (name === this.chosen) this.updated.emit(namespace);
  }

  setFindings(name, findings) {
    const namespace = this.all.get(name);
    if (!namespace || namespace.findings === findings) return;
    namespace.findings = findings;
    this.changed.emit();
  }

  #forgetOthers(listed) {
    const names = new Set(listed.map(({ name }) => name));
    for (const name of this.all.keys()) if (!names.has(name)) this.#close(name);
  }

  /** What the shown namespace had stays on the page; others go. */
  #close(name) {
    if (name === this.chosen && this.all.has(name)) this.all.get(name).closed = true;
    else this.all.delete(name);
  }

  #chooseFirst() {
    const named = nameInAddress();
    if (this.all.has(named)) return this.#choose(named);
    if (this.chosen) return undefined;
    const names = [...this.all.keys()];
    const first = names.find((name) => this.all.get(name).api) || names[0];
    if (first) history.replaceState(null, "", `#${encodeURIComponent(first)}`);
    return this.#choose(first);
  }

  #choose(name) {
    if (!this.all.has(name) || name === this.chosen) return;
    const before = this.chosen;
    this.chosen = name;
    if (this.all.get(before)?.closed) this.all.delete(before);
    this.changed.emit();
    this.chose.emit(name);
    this.updated.emit(this.state);
  }
}

/** The reading of a namespace's clock now: a running clock goes on between two events. */
export function reading({ clock, received }) {
  const passed = ((performance.now() - received) / 1000) * clock.speed;
  return { now: clock.now + passed, elapsed: clock.elapsed + passed, nextIn: clock.next_in === null ? null : clock.next_in - passed };
}

function nameInAddress() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return "";
  }
}
