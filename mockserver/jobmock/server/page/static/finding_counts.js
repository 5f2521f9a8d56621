/** Counts the findings of namespaces that aren't shown, one after the other, for their list. */

import { call } from "./control_calls.js";
import { namespaces } from "./namespaces.js";
import { paced } from "./paced_call.js";

const MOST = 100;

/** The number of findings, and the number of requests that they are about. */
export function setFindings(state, number, requests) {
  Object.assign(state, { findings: number, judged: requests });
  namespaces.changed();
}

const { want } = paced(async () => {
  const state = next();
  if (!state) return;
  const { name, requests } = state;
  state.judged = requests;
  const answer = await call("GET", "findings", { query: { namespace: name } }).catch(() => null);
  if (answer) setFindings(state, answer.findings.length, requests);
  want();
});

/** The last used namespace of which there are new requests. The shown one is judged anyway. */
function next() {
  const listed = [...namespaces.all.values()].filter(({ api }, index) => index < MOST || !api);
  const changed = listed.filter(({ name, requests, judged, closed }) => !closed && requests !== judged && name !== namespaces.chosen);
  return changed.sort((one, other) => other.received - one.received)[0];
}

namespaces.changed.on(() => want());
