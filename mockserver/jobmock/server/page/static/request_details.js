/** All fields of one request, its note and its findings. */

import { curlCommand } from "./curl.js";
import { button, element } from "./dom.js";
import { findingsOf } from "./findings.js";
import { duration, elapsed, utc } from "./formats.js";
import { copyText } from "./messages.js";

/** `started` is when the clock began, `show` shows the mark of the request. */
export const requestDetails = (exchange, started, show) => element("div.details",
  exchange.note && element("p.note", exchange.note),
  findingsOf(exchange.number).map(({ rule, severity, evidence, remedy }) =>
    element(`p.note.${severity}`, element("strong", rule), ` ${evidence}. ${remedy}`)),
  element("div.buttons",
    button("", "Copy as curl", () => copyText(curlCommand(exchange), "The command")), button("", "Show its mark", show)),
  element("dl", Object.entries(exchange).filter(saysAnything).flatMap(([name, value]) => [
    element("dt", name), element("dd", written(name, value, exchange, started)),
  ])));

const saysAnything = ([name, value]) => !["note", "arrived"].includes(name) && value !== null && value !== "" && value.length !== 0;

function written(name, value, { at }, started) {
  if (["held", "retry"].includes(name)) return `${moment(value, started)}, ${duration(value - at)} after the request`;
  if (["at", "made"].includes(name)) return moment(value, started);
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "object" ? Object.entries(value).map((pair) => pair.join(" ")).join(", ") : String(value);
}

const moment = (at, started) => `${elapsed(at - started, 3)} (${utc(at)})`;
