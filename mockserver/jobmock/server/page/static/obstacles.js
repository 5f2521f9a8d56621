/** Why a scenario can't be played in the shown namespace, or no job of it be started there. */

import { namespaces } from "./namespaces.js";

/** Return a sentence for each that can't be done. `api` is null if it isn't known. */
export function obstacles(api) {
  const { state } = namespaces;
  if (!state) return { start: "No client has called yet." };
  if (!state.api) return both("Requests without a key have no jobs.");
  if (api && api !== state.api) return both(`It is for namespaces of ${api}.`);
  return { play: state.name.includes("--") && "The key itself names its scenario." };
}

const both = (why) => ({ play: why, start: why });
