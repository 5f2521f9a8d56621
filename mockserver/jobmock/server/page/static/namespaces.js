/** The namespaces of the server, and the one that is shown. */

import { signal } from "./dom.js";

export const namespaces = {
  all: new Map(),
  more: 0,
  version: "",
  chosen: null,
  /** Emits when the list or one of its entries has changed. */
  changed: signal(),
  /** Emits the name of the namespace that is shown from now on. */
  chose: signal(),
  /** Emits the state of the shown namespace when it has changed. */
  updated: signal(),
  get state() {
    return this.all.get(this.chosen);
  },
};

const { all } = namespaces;

/** Take a state of the event stream. The list begins with the namespaces that came last. */
export function takeState({ complete, namespaces: listed, closed, more, version }) {
  const names = new Set(listed.map(({ name }) => name));
  if (complete) [...all.keys()].filter((name) => !names.has(name)).forEach(close);
  const before = new Map(all);
  all.clear();
  const first = listed.filter(({ name }) => complete || !before.has(name)).map(({ name }) => [name, {}]);
  for (const [name, one] of [...first, ...before]) all.set(name, before.get(name) || one);
  for (const one of listed) Object.assign(all.get(one.name), one, { received: performance.now(), closed: false });
  (closed || []).forEach(close);
  Object.assign(namespaces, { more: more || 0, version });
  namespaces.changed();
  chooseFirst();
  if (names.has(namespaces.chosen) || namespaces.state?.closed) namespaces.updated(namespaces.state);
}

/** Take a newer reading of a namespace's clock. */
export function takeClock(name, clock) {
  const one = all.get(name);
  if (one) Object.assign(one, { clock: { ...one.clock, ...clock }, received: performance.now() });
  if (name === namespaces.chosen) namespaces.updated(one);
}

/** The reading of the shown clock now: a running clock goes on between two events. */
export function reading() {
  const { clock, received } = namespaces.state;
  if (!clock) return timeOfDay();
  const { now, elapsed, next_in: nextIn, speed } = clock;
  const passed = ((performance.now() - received) / 1000) * speed;
  const started = clock.started ?? now - elapsed;
  return { now: now + passed, elapsed: elapsed + passed, nextIn: nextIn == null ? null : nextIn - passed, started };
}

/** Requests without a key have no clock of their own. */
function timeOfDay() {
  const now = Date.now() / 1000;
  return { now, elapsed: now % 86400, nextIn: null, started: now - (now % 86400) };
}

/** The shown namespace stays on the page; others go. */
function close(name) {
  if (name === namespaces.chosen && all.has(name)) all.get(name).closed = true;
  else all.delete(name);
}

function chooseFirst() {
  if (all.has(nameInAddress())) return choose(nameInAddress());
  if (namespaces.chosen || !all.size) return undefined;
  const first = ([...all.values()].find(({ api }) => api) || all.values().next().value).name;
  history.replaceState(null, "", `#${encodeURIComponent(first)}`);
  return choose(first);
}

function choose(name) {
  if (!all.has(name) || name === namespaces.chosen) return;
  if (namespaces.state?.closed) all.delete(namespaces.chosen);
  namespaces.chosen = name;
  namespaces.changed();
  namespaces.chose(name);
  namespaces.updated(namespaces.state);
}

function nameInAddress() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return "";
  }
}

window.addEventListener("hashchange", () => choose(nameInAddress()));
