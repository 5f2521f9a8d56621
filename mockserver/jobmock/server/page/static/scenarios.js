/** The dialog with all scenarios: search, timeline, errors, and the buttons that play them. */

import { call, fetched } from "./control_calls.js";
import { byId, element, setText } from "./dom.js";
import { guarded, showError, showNotice } from "./messages.js";
import { YamlEditor } from "./yaml_editor.js";

export class Scenarios {
  #namespaces;
  #list = [];
  #chosen = null;
  #picture = null;

  constructor(namespaces) {
    this.#namespaces = namespaces;
    const dialog = byId("scenarios");
    byId("open-scenarios").addEventListener("click", () => this.#open());
    byId("close-scenarios").addEventListener("click", () => dialog.close());
    byId("scenario-search").addEventListener("input", () => this.#drawList());
    byId("write-yaml").addEventListener("click", () => this.#choose(null));
    new YamlEditor((yaml) => this.#play({ yaml }), (yaml) => this.#start({ yaml }));
  }

  #open() {
    const { state } = this.#namespaces;
    setText(byId("scenarios-target"), state ? `for ${state.name}` : "for all namespaces of the API");
    byId("scenarios").showModal();
    this.#load();
    this.#drawDetails();
  }

  #load = guarded(async () => {
    this.#list = await call("GET", "scenarios");
    this.#chosen ??= this.#list.find(({ api }) => api && api === this.#namespaces.state?.api) || this.#list[0];
    this.#drawList();
    this.#drawDetails();
  });

  #choose(scenario) {
    this.#chosen = scenario;
    byId("yaml").hidden = Boolean(scenario);
    byId("scenario-details").hidden = !scenario;
    byId("write-yaml").setAttribute("aria-pressed", String(!scenario));
    this.#drawList();
    if (scenario) this.#drawDetails();
    else byId("yaml-text").focus();
  }

  #drawList() {
    const words = byId("scenario-search").value.trim().toLowerCase();
    const fits = ({ name, summary }) => `${name} ${summary || ""}`.toLowerCase().includes(words);
    const focused = document.activeElement?.closest?.("[data-scenario]")?.dataset.scenario;
    byId("scenario-list").replaceChildren(...this.#list.filter(fits).map((scenario) => this.#item(scenario)));
    [...byId("scenario-list").children].find((item) => item.dataset.scenario === focused)?.firstChild.focus();
  }

  #item(scenario) {
    const broken = scenario.errors.length > 0;
    const button = element("button", {
      type: "button", "aria-current": scenario === this.#chosen ? "true" : null, onclick: () => this.#choose(scenario),
    }, element("span", { class: "name" }, scenario.name), broken ? element("span", { class: "badge" }, "broken") : null,
    element("span", { class: "muted small" }, scenario.summary || ""));
    return element("li", { "data-scenario": scenario.name }, button);
  }

  #drawDetails() {
    const scenario = this.#chosen;
    if (!scenario) return;
    const { name, api, summary, source, errors } = scenario;
    byId("scenario-details").replaceChildren(...[
      element("h3", null, name),
      element("p", null, summary || "This file can’t be played."),
      source === "bundled" ? null : element("p", { class: "muted small" }, source),
      ...errors.map(({ where, detail }) => element("p", { class: "broken-rule error" }, element("strong", null, where), ` ${detail}`)),
      api ? this.#buttons(scenario) : null,
      api ? element("div", { class: "picture" }) : null,
      api ? element("details", null, element("summary", null, "As text"), element("pre", { class: "as-text" })) : null,
    ].filter(Boolean));
    if (api) this.#drawTimeline(scenario).catch(showError);
  }

  #buttons(scenario) {
    const { name } = scenario;
    const unfit = this.#namespaces.state && this.#namespaces.state.api !== scenario.api;
    const button = (text, action, attributes) => element("button", { type: "button", onclick: action, ...attributes }, text);
    return element("div", { class: "buttons" },
      button("Play in this namespace", () => this.#play({ scenario: name }), { class: "primary", disabled: unfit }),
      button("Start a job", () => this.#start({ scenario: name }), { disabled: unfit || !this.#namespaces.state }),
      button("Edit a copy", () => this.#edit(name)),
      unfit ? element("p", { class: "muted small" }, `It is for namespaces of ${scenario.api}.`) : null);
  }

  /** The picture comes from the server. As an image it can run no script. */
  async #drawTimeline(scenario) {
    const { name } = scenario;
    const [image, text] = await Promise.all(["svg", "text"].map((format) => fetched("scenario", { name, format })));
    const blob = new Blob([await image.text()], { type: "image/svg+xml" });
    const story = await text.text();
    if (scenario !== this.#chosen) return;
    if (this.#picture) URL.revokeObjectURL(this.#picture);
    this.#picture = URL.createObjectURL(blob);
    const details = byId("scenario-details");
    details.querySelector(".picture").replaceChildren(element("img", { src: this.#picture, alt: `Timeline of ${name}` }));
    setText(details.querySelector(".as-text"), story);
  }

  #edit = guarded(async (name) => {
    const yaml = await (await fetched("scenario", { name })).text();
    this.#choose(null);
    byId("yaml-text").value = yaml;
    byId("yaml-text").dispatchEvent(new Event("input"));
  });

  #play = guarded((what) => this.#send("PUT", "scenario", what, ({ scenario }) => `Jobs now play ${scenario}.`));

  #start = guarded((what) => this.#send("POST", "jobs", what, ({ id, scenario }) => `Job ${id} plays ${scenario}.`));

  async #send(method, path, what, sentence) {
    const namespace = this.#namespaces.chosen;
    showNotice(sentence(await call(method, path, { body: { ...(namespace && { namespace }), ...what } })));
  }
}
