/** Loads which status each job had, and when. */

import { call } from "./control_calls.js";
import { showError } from "./messages.js";

export async function loadTimeline(namespaces, journal) {
  const namespace = namespaces.chosen;
  if (!namespaces.state?.api) return;
  try {
    const timeline = await call("GET", "timeline", { query: { namespace } });
    if (namespace === namespaces.chosen) journal.takeTimeline(timeline);
  } catch (error) {
    if (namespace === namespaces.chosen) showError(error);
  }
}
