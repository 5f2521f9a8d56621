/** All fields of one request, its note and its findings. */

import { copyText } from "./clipboard.js";
import { curlCommand } from "./curl.js";
import { element } from "./dom.js";
import { duration, elapsed, utc } from "./formats.js";

const TIMES = ["at", "made", "held", "retry"];
const HIDDEN = ["note", "outcome"];

/** `started` is when the clock began, `show` shows the mark of the request. */
export function requestDetails(exchange, findings, started, show) {
  return element("div", { class: "details" },
    exchange.note ? element("p", { class: "note" }, exchange.note) : null,
    ...findings.map((finding) => findingText(finding)),
    element("div", { class: "buttons" },
      element("button", { type: "button", onclick: () => copyText(curlCommand(exchange), "The command") }, "Copy as curl"),
      element("button", { type: "button", onclick: show }, "Show its mark")),
    element("dl", null, ...fieldsOf(exchange).flatMap(([name, value]) => [
      element("dt", null, name), element("dd", null, written(name, value, exchange, started)),
    ])));
}

const findingText = ({ rule, severity, evidence, remedy }) =>
  element("p", { class: `broken-rule ${severity}` }, element("strong", null, rule), ` ${evidence}. ${remedy}`);

/** The fields that say anything. */
const fieldsOf = (exchange) =>
  Object.entries(exchange).filter(([name, value]) =>
    !HIDDEN.includes(name) && value !== null && value !== "" && !(Array.isArray(value) && !value.length));

function written(name, value, { at }, started) {
  if (TIMES.includes(name)) {
    const distance = name === "held" || name === "retry" ? `, ${duration(value - at)} after the request` : "";
    return `${elapsed(value - started, 3)} (${utc(value)}${distance})`;
  }
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "object" ? Object.entries(value).map((pair) => pair.join(" ")).join(", ") : String(value);
}
