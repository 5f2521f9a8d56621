/** The dialog with all scenarios: search, timeline, errors, and the buttons that play them. */

import { call, text } from "./control_calls.js";
import { button, byId, element, on, setText } from "./dom.js";
import { guarded, showError, showNotice } from "./messages.js";
import { namespaces } from "./namespaces.js";
import { obstacles } from "./obstacles.js";
import { connectEditor, openEditor, setYaml } from "./yaml_editor.js";

let [list, chosen, picture] = [[], null, ""];

export function connectScenarios() {
  on("open-scenarios", "click", open);
  on("close-scenarios", "click", () => byId("scenarios").close());
  on("write-yaml", "click", () => choose(null));
  on("scenario-search", "input", drawList);
  connectEditor(play, start);
}

const open = guarded(async () => {
  setText("scenarios-target", namespaces.chosen ? `for ${namespaces.chosen}` : "for all namespaces of the API");
  byId("scenarios").showModal();
  if (!list.length) byId("scenario-list").replaceChildren(element("li.muted", "Loading …"));
  list = await call("GET", "scenarios");
  if (!byId("yaml").hidden) return choose(null);
  const api = namespaces.state?.api;
  const wanted = chosen?.name;
  choose(list.find(({ name }) => name === wanted) || list.find((one) => one.api && one.api === api) || list[0]);
});

/** Show a scenario, or the editor. */
function choose(scenario) {
  chosen = scenario;
  byId("yaml").hidden = Boolean(scenario);
  byId("scenario-details").hidden = !scenario;
  byId("write-yaml").setAttribute("aria-pressed", !scenario);
  drawList();
  if (scenario) drawDetails(scenario);
  else openEditor();
}

function drawList() {
  const words = byId("scenario-search").value.trim().toLowerCase();
  const fitting = list.filter(({ name, summary }) => `${name} ${summary || ""}`.toLowerCase().includes(words));
  const focused = document.activeElement.closest("[data-scenario]")?.dataset.scenario;
  byId("scenario-list").replaceChildren(...fitting.map(item));
  [...byId("scenario-list").children].find(({ dataset }) => dataset.scenario === focused)?.firstChild.focus();
}

function item(scenario) {
  const { name, summary, errors } = scenario;
  const parts = [element("span.name", name), errors.length && element("span.badge", "broken"), element("span.muted.small", summary)];
  return element("li", { "data-scenario": name },
    button("", parts, () => choose(scenario), { "aria-current": scenario === chosen && "true" }));
}

function drawDetails(scenario) {
  const { name, api, summary, source, errors } = scenario;
  byId("scenario-details").replaceChildren(
    element("h3", name), element("p", summary || "This file can’t be played."), element("p.muted.small", source),
    ...errors.map(({ where, detail }) => element("p.note.error", element("strong", where), ` ${detail}`)),
  );
  if (!api) return;
  byId("scenario-details").append(buttons(scenario));
  drawTimeline(scenario).catch(showError);
}

function buttons({ name, api }) {
  const why = obstacles(api);
  const playName = namespaces.state ? "Play in this namespace" : "Play it";
  return element("div.buttons",
    button(".primary", playName, () => play({ scenario: name }), { disabled: why.play }),
    button("", "Start a job", () => start({ scenario: name }), { disabled: why.start }),
    button("", "Edit a copy", () => edit(name)), element("span.muted.small", why.play || why.start));
}

/** The picture comes from the server. As an image it can run no script. */
async function drawTimeline(scenario) {
  const { name } = scenario;
  const [image, story] = await Promise.all(["svg", "text"].map((format) => text("scenario", { name, format })));
  if (scenario !== chosen) return;
  URL.revokeObjectURL(picture);
  picture = URL.createObjectURL(new Blob([image], { type: "image/svg+xml" }));
  byId("scenario-details").append(
    element("img", { src: picture, alt: `Timeline of ${name}` }),
    element("details", element("summary", "As text"), element("pre", lines(story))));
}

const lines = (text) => text.split("\n").flatMap((line) => [line, element("br")]);

const edit = guarded(async (name) => {
  const yaml = await text("scenario", { name });
  choose(null);
  setYaml(yaml);
});

const play = guarded(async (what) => showNotice(`Jobs now play ${(await send("PUT", "scenario", what)).scenario}.`));

const start = guarded(async (what) => {
  const { id, scenario } = await send("POST", "jobs", what);
  byId("scenarios").close();
  showNotice(`Job ${id} plays ${scenario}.`);
});

function send(method, path, what) {
  const namespace = namespaces.chosen;
  return call(method, path, { body: { ...(namespace && { namespace }), ...what } });
}
