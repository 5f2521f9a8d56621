/** Saves answers of the server as files. */

import { send, text } from "./control_calls.js";
import { element, on } from "./dom.js";
import { copyText, guarded } from "./messages.js";
import { namespaces } from "./namespaces.js";

export function connectDownloads() {
  on("download-har", "click", () => save("har", {}, `${namespaces.chosen}.har`));
  on("download-journal", "click", () => save("journal", {}, `${namespaces.chosen}.json`));
  on("copy-story", "click", guarded(async () =>
    copyText(await text("findings", { namespace: namespaces.chosen, format: "text" }), "The text")));
}

/** Save the scenario that a job plays. */
export const saveScenario = (job) => save("scenario", { job }, `${job.replace(/[^\w.-]+/g, "_").slice(0, 60)}.yaml`);

/** The token goes in a header, so the file is fetched first and saved then. */
const save = guarded(async (path, query, download) => {
  const response = await send("GET", path, { query: { namespace: namespaces.chosen, ...query } });
  const href = URL.createObjectURL(await response.blob());
  element("a", { href, download }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
});
