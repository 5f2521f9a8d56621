/** The namespaces of the server, and the one that is shown. */

import { signal } from "./dom.js";
import { showError } from "./messages.js";

const all = new Map();

export const namespaces = {
  all, more: 0, version: "", chosen: null, apisPort: null,
  /** Facts of each API by its name. */
  apis: {},
  /** The list or one of its entries has changed. */
  changed: signal(),
  /** Another namespace is shown. */
  chose: signal(),
  /** The shown namespace has changed. */
  updated: signal(),
  get state() {
    return all.get(this.chosen);
  },
};

/**
 * Take a state of the event stream. The list begins with the namespaces that came last. Requests without a key are
 * listed once there are any.
 */
export function takeState({ complete, namespaces: states, closed, more, version, apis_port: apisPort, apis = namespaces.apis }) {
  const listed = states.filter(({ name, api, requests }) => api || requests || all.has(name));
  const names = new Set(listed.map(({ name }) => name));
  if (complete) [...all.keys()].filter((name) => !names.has(name)).forEach(close);
  const before = new Map(all);
  all.clear();
  const first = listed.filter(({ name }) => complete || !before.has(name)).map(({ name }) => [name, {}]);
  for (const [name, one] of [...first, ...before]) all.set(name, before.get(name) || one);
  for (const one of listed) Object.assign(all.get(one.name), one, { received: performance.now(), closed: false });
  (closed || []).forEach(close);
  Object.assign(namespaces, { more, version, apisPort, apis });
  namespaces.changed();
  chooseNamed();
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
  const passed = ((performance.now() - received) / 1000) * clock.speed;
  const nextIn = clock.next_in === null ? null : clock.next_in - passed;
  return { now: clock.now + passed, elapsed: clock.elapsed + passed, started: clock.started, nextIn };
}

/** Requests without a key have no clock of their own. */
function timeOfDay() {
  const now = Date.now() / 1000;
  return { now, started: now - (now % 86400) };
}

/** The shown namespace stays on the page; others go. */
function close(name) {
  if (name === namespaces.chosen && all.has(name)) all.get(name).closed = true;
  else all.delete(name);
}

/** Show the namespace that the address names. Without it, the shown one stays, or the first is shown. */
function chooseNamed() {
  const named = nameInAddress();
  if (all.has(named)) return choose(named);
  if (named) showError(new Error(`There is no namespace ${named} ${namespaces.more ? "in the list" : "any more"}.`));
  const first = [...all.values()].find(({ api }) => api) || all.values().next().value;
  const name = namespaces.chosen ?? first?.name ?? "";
  if (named !== name) history.replaceState(null, "", `#${encodeURIComponent(name)}`);
  if (name) choose(name);
}

function choose(name) {
  if (name === namespaces.chosen) return;
  if (namespaces.state?.closed) all.delete(namespaces.chosen);
  namespaces.chosen = name;
  namespaces.changed();
  namespaces.chose();
  namespaces.updated(namespaces.state);
}

function nameInAddress() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return "";
  }
}

window.addEventListener("hashchange", () => namespaces.version && chooseNamed());
