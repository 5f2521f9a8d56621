/** A text area for a scenario in YAML, with the errors beside their lines. */

import { call } from "./control_calls.js";
import { button, byId, element, onClick } from "./dom.js";
import { count } from "./formats.js";

const PAUSE = 400;

let [timer, turn] = [null, 0];

/** `play` and `start` are called with {yaml}. */
export function connectEditor(play, start) {
  const area = byId("yaml-text");
  const yaml = () => ({ yaml: area.value });
  area.addEventListener("input", changed);
  area.addEventListener("scroll", () => (byId("yaml-lines").scrollTop = area.scrollTop));
  onClick("yaml-play", () => play(yaml()));
  onClick("yaml-start", () => start(yaml()));
  drawLines([]);
}

export function setYaml(yaml) {
  byId("yaml-text").value = yaml;
  changed();
}

function changed() {
  clearTimeout(timer);
  drawLines([]);
  timer = setTimeout(lint, PAUSE);
}

async function lint() {
  const current = ++turn;
  const yaml = byId("yaml-text").value;
  const { errors } = !yaml.trim() ? { errors: [] } : await call("POST", "lint", { body: { yaml } }).catch((error) =>
    ({ errors: [{ where: "", detail: error.message }] }));
  if (current !== turn) return;
  byId("yaml-text").setAttribute("aria-invalid", errors.length > 0);
  drawLines(errors);
  byId("yaml-errors").replaceChildren(
    element("p", errors.length ? { class: "note error" } : null, errors.length ? count(errors.length, "error") : yaml.trim() && "No errors."),
    element("ul", null, errors.map((error) => element("li", null, errorPlace(error), ` ${error.detail}`))));
}

/** Number the lines, and mark those with errors. */
function drawLines(errors) {
  const wrong = new Set(errors.map(({ line }) => line));
  const numbers = byId("yaml-text").value.split("\n").map((_, index) => index + 1);
  const parts = [];
  for (const line of numbers) {
    if (wrong.has(line)) parts.push(element("mark", { "data-line": line }, `▸ ${line}`), "\n");
    else if (typeof parts.at(-1) === "string") parts.push(`${parts.pop()}${line}\n`);
    else parts.push(`${line}\n`);
  }
  byId("yaml-lines").replaceChildren(...parts);
  byId("yaml-lines").scrollTop = byId("yaml-text").scrollTop;
}

/** A button that moves to the line of an error. */
function errorPlace({ line, column, where }) {
  if (!line) return element("strong", null, where);
  return button(`line ${line}${column ? `, column ${column}` : ""}`, () => selectLine(line), { class: "small-button" });
}

function selectLine(line) {
  const area = byId("yaml-text");
  const lines = area.value.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1] || "").length);
  area.scrollTop = ((line - 3) * area.scrollHeight) / lines.length;
}
