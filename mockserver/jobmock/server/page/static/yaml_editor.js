/** A text area for a scenario in YAML, with the errors beside their lines. */

import { call } from "./control_calls.js";
import { byId, element } from "./dom.js";
import { count } from "./formats.js";

const PAUSE = 400;

export class YamlEditor {
  #timer = null;
  #turn = 0;

  /** `play` and `start` are called with the text. */
  constructor(play, start) {
    const text = byId("yaml-text");
    text.addEventListener("input", () => this.#changed());
    text.addEventListener("scroll", () => (byId("yaml-lines").scrollTop = text.scrollTop));
    byId("yaml").addEventListener("submit", (event) => {
      event.preventDefault();
      play(text.value);
    });
    byId("yaml-start").addEventListener("click", () => start(text.value));
    this.#drawLines([]);
  }

  #changed() {
    clearTimeout(this.#timer);
    this.#drawLines([]);
    this.#timer = setTimeout(() => this.#lint(), PAUSE);
  }

  async #lint() {
    const turn = ++this.#turn;
    const yaml = byId("yaml-text").value;
    if (!yaml.trim()) return this.#show([]);
    try {
      const { errors } = await call("POST", "lint", { body: { yaml } });
      if (turn === this.#turn) this.#show(errors, "No errors.");
    } catch (error) {
      if (turn === this.#turn) this.#show([{ line: null, where: "", detail: error.message }]);
    }
    return undefined;
  }

  #show(errors, fine = "") {
    byId("yaml-text").setAttribute("aria-invalid", String(errors.length > 0));
    this.#drawLines(errors);
    const items = errors.map((error) => element("li", null, errorPlace(error), ` ${error.detail}`));
    const title = element("p", { class: errors.length ? "broken-rule error" : "fine" }, errors.length ? count(errors.length, "error") : fine);
    byId("yaml-errors").replaceChildren(title, element("ul", null, ...items));
  }

  /** Number the lines, and mark those with errors. */
  #drawLines(errors) {
    const wrong = new Map(errors.map((error) => [error.line, error.detail]));
    const lines = byId("yaml-text").value.split("\n").length;
    const parts = [];
    let plain = "";
    for (let line = 1; line <= lines; line++) {
      if (!wrong.has(line)) plain += `${line}\n`;
      else {
        parts.push(plain, element("mark", { title: wrong.get(line), "data-line": line }, `▸ ${line}`), "\n");
        plain = "";
      }
    }
    byId("yaml-lines").replaceChildren(...parts, plain);
    byId("yaml-lines").scrollTop = byId("yaml-text").scrollTop;
  }
}

/** A button that moves to the line of an error. */
function errorPlace({ line, column, where }) {
  if (!line) return element("strong", null, where || "");
  const name = column ? `line ${line}, column ${column}` : `line ${line}`;
  return element("button", { type: "button", class: "small-button", "data-line": line, onclick: () => selectLine(line) }, name);
}

function selectLine(line) {
  const text = byId("yaml-text");
  const lines = text.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((length, before) => length + before.length + 1, 0);
  text.focus();
  text.setSelectionRange(start, start + (lines[line - 1] || "").length);
  text.scrollTop = ((line - 3) * text.scrollHeight) / lines.length;
}
