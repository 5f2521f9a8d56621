/** Saves answers of the server as files. */

import { copyText } from "./clipboard.js";
import { send, text } from "./control_calls.js";
import { element, onClick } from "./dom.js";
import { guarded } from "./messages.js";
import { namespaces } from "./namespaces.js";

export function connectDownloads() {
  const on = (id, action) => onClick(id, guarded(() => action(namespaces.chosen)));
  on("download-har", (namespace) => save("har", { namespace }, `${namespace}.har`));
  on("download-journal", (namespace) => save("journal", { namespace }, `${namespace}.json`));
  on("copy-story", async (namespace) => copyText(await text("findings", { namespace, format: "text" }), "The text"));
}

/** Save the scenario that a job plays. */
export const saveScenario = guarded((job) =>
  save("scenario", { namespace: namespaces.chosen, job }, `${job.replace(/[^\w.-]+/g, "_").slice(0, 60)}.yaml`));

/** The token goes in a header, so the file is fetched first and saved then. */
async function save(path, query, download) {
  const href = URL.createObjectURL(await (await send("GET", path, { query })).blob());
  element("a", { href, download }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}
