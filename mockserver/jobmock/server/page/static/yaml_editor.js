/** A text area for a scenario in YAML, with the errors beside their lines. */

import { call } from "./control_calls.js";
import { button, byId, element, on, setText } from "./dom.js";
import { count } from "./formats.js";
import { obstacles } from "./obstacles.js";

const PAUSE = 400;

let [timer, turn, api] = [null, 0, null];

const yaml = () => byId("yaml-text").value;

/** `play` and `start` are called with {yaml}. */
export function connectEditor(play, start) {
  on("yaml-text", "input", changed);
  on("yaml-text", "scroll", scrollLines);
  on("yaml-play", "click", () => play({ yaml: yaml() }));
  on("yaml-start", "click", () => start({ yaml: yaml() }));
  drawLines([]);
}

/** Offer what can be done with the text in the shown namespace. */
export function openEditor() {
  offer();
  byId("yaml-text").focus();
}

function offer() {
  const { play, start } = obstacles(api);
  byId("yaml-play").disabled = play;
  byId("yaml-start").disabled = start;
  setText("yaml-obstacle", play || start || "");
}

export function setYaml(text) {
  byId("yaml-text").value = text;
  changed();
}

function changed() {
  clearTimeout(timer);
  drawLines([]);
  timer = setTimeout(lint, PAUSE);
}

async function lint() {
  const current = ++turn;
  const answer = call("POST", "lint", { body: { yaml: yaml() } });
  const linted = await answer.catch(({ message }) => ({ api: null, errors: [{ where: "", detail: message }] }));
  if (current !== turn) return;
  const { errors } = linted;
  api = linted.api;
  offer();
  byId("yaml-text").setAttribute("aria-invalid", errors.length > 0);
  drawLines(errors);
  byId("yaml-errors").replaceChildren(
    errors.length ? element("p.note.error", count(errors.length, "error")) : element("p", "No errors."),
    element("ul", errors.map((error) => element("li", errorPlace(error), ` ${error.detail}`))));
}

/** Number the lines, and mark those with errors. */
function drawLines(errors) {
  const wrong = new Set(errors.map(({ line }) => line));
  const parts = yaml().split("\n").map((_, index) => {
    const line = index + 1;
    return [wrong.has(line) ? element("mark", { "data-line": line }, `▸ ${line}`) : line, "\n"];
  });
  byId("yaml-lines").replaceChildren(...parts.flat());
  scrollLines();
}

const scrollLines = () => (byId("yaml-lines").scrollTop = byId("yaml-text").scrollTop);

/** A button that moves to the line of an error. */
function errorPlace({ line, column, where }) {
  if (!line) return element("strong", where);
  return button(".small-button", `line ${line}${column ? `, column ${column}` : ""}`, () => selectLine(line));
}

function selectLine(line) {
  const area = byId("yaml-text");
  const lines = yaml().split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1] || "").length);
  area.scrollTop = ((line - 3) * area.scrollHeight) / lines.length;
}
