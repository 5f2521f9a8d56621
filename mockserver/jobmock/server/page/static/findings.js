/** The findings of the shown namespace: what the client did wrong, the evidence, and the remedy. */

import { call } from "./control_calls.js";
import { byId, element, setText, signal } from "./dom.js";
import { count, shortId } from "./formats.js";
import { sameFinding } from "./highlight.js";
import { showError } from "./messages.js";

const MOST_SHOWN = 200;
const NONE = [];

export class Findings {
  list = [];
  changed = signal();
  #byNumber = new Map();
  #notJudged = {};
  #highlight;
  #shown = "";

  constructor(highlight) {
    this.#highlight = highlight;
    highlight.changed.on(() => this.#mark());
  }

  /** Return the findings that name an exchange. */
  of = (number) => this.#byNumber.get(number) || NONE;

  clear() {
    this.#take({ findings: [], not_judged: {} });
    byId("findings-empty").hidden = true;
    setText(byId("findings-count"), "");
  }

  /** Load the findings; `isShown` says whether the namespace is still the shown one. */
  async load(namespace, isShown) {
    try {
      const answer = await call("GET", "findings", { query: { namespace } });
      if (isShown()) this.#take(answer);
    } catch (error) {
      if (isShown()) showError(error);
    }
  }

  #take(answer) {
    const text = JSON.stringify(answer);
    if (text === this.#shown) return;
    this.#shown = text;
    this.list = answer.findings;
    this.#notJudged = answer.not_judged || {};
    this.#byNumber = byNumber(this.list);
    this.#draw();
    this.changed.emit(this.list.length);
  }

  #draw() {
    const focused = document.activeElement?.closest?.("[data-finding]")?.dataset.finding;
    const shown = this.list.slice(0, MOST_SHOWN);
    byId("finding-list").replaceChildren(...shown.map((finding, index) => this.#item(finding, index)));
    byId("findings-empty").hidden = this.list.length > 0;
    const rest = this.list.length > MOST_SHOWN ? `, the first ${MOST_SHOWN} are shown` : "";
    setText(byId("findings-count"), `${this.list.length}${rest}`);
    this.#drawNotJudged();
    this.#mark();
    document.querySelector(`[data-finding="${focused}"] button`)?.focus();
  }

  #item(finding, index) {
    const choose = () => this.#highlight.toggle(finding);
    return element("li", { "data-finding": index, "data-rule": finding.rule, class: `finding ${finding.severity}` },
      element("button", { type: "button", "aria-pressed": "false", onclick: choose },
        element("span", { class: "rule" }, finding.rule),
        element("span", { class: "severity" }, finding.severity),
        finding.job ? element("span", { class: "muted job" }, `job ${shortId(finding.job)}`) : null,
        element("span", { class: "evidence" }, finding.evidence)),
      element("p", { class: "remedy" }, finding.remedy));
  }

  #drawNotJudged() {
    const rules = Object.entries(this.#notJudged);
    const box = byId("not-judged");
    box.hidden = !rules.length;
    setText(box.querySelector("summary"), `${count(rules.length, "rule")} couldn’t be judged`);
    const rows = rules.flatMap(([rule, reason]) => [element("dt", null, rule), element("dd", null, reason)]);
    box.querySelector("dl").replaceChildren(...rows);
  }

  /** Show which finding is chosen. */
  #mark() {
    byId("finding-list").querySelectorAll(".finding").forEach((item) => {
      const chosen = sameFinding(this.list[item.dataset.finding], this.#highlight.finding);
      item.querySelector("button").setAttribute("aria-pressed", String(chosen));
      item.classList.toggle("highlighted", chosen);
    });
  }
}

function byNumber(findings) {
  const map = new Map();
  for (const finding of findings) {
    for (const number of finding.exchanges) map.set(number, [...(map.get(number) || []), finding]);
  }
  return map;
}
