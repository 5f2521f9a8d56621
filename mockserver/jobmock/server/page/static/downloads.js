/** Saves answers of the server as files. */

import { copyText } from "./clipboard.js";
import { fetched } from "./control_calls.js";
import { byId, element } from "./dom.js";
import { guarded } from "./messages.js";

/** Connect the buttons with the namespace that `chosen()` returns. */
export function connectDownloads(chosen) {
  const on = (id, action) => byId(id).addEventListener("click", guarded(() => action(chosen())));
  on("download-har", (namespace) => save("har", { namespace }, `${namespace}.har`));
  on("download-journal", (namespace) => save("journal", { namespace }, `${namespace}.json`));
  on("copy-story", async (namespace) => {
    const story = await fetched("findings", { namespace, format: "text" });
    await copyText(await story.text(), "The text");
  });
}

/** Save the scenario that a job plays. */
export const saveScenario = guarded((namespace, job) =>
  save("scenario", { namespace, job }, `${job.replace(/[^\w.-]+/g, "_").slice(0, 60)}.yaml`),
);

/** The token goes in a header, so the file is fetched first and saved then. */
async function save(path, query, name) {
  const response = await fetched(path, query);
  const url = URL.createObjectURL(await response.blob());
  const link = element("a", { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
