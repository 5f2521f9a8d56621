/** Starts the page: connects its parts, and reads the events. */

import { askIfDue, connectClock, showReading } from "./clock.js";
import { exampleCommand } from "./curl.js";
import { byId, element, joined, on, setText, visible } from "./dom.js";
import { connectDownloads } from "./downloads.js";
import { readEvents } from "./event_stream.js";
import { count } from "./formats.js";
import { flagIcon, shapeIcon } from "./lane_drawing.js";
import { connectLanes, drawLanes } from "./lanes.js";
import { connectNamespaceList } from "./namespace_list.js";
import { clearError, copyText } from "./messages.js";
import { namespaces, reading, takeState } from "./namespaces.js";
import { connectFilter } from "./request_filter.js";
import { connectTable } from "./request_table.js";
import { connectScenarios } from "./scenarios.js";
import { view } from "./time_view.js";

const TICK = 250;
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#2f4bc7"/>
<path d="M6 11h9M6 21h16" stroke="#9db2ff" stroke-width="5"/><path d="M11 6v10M18 16v10M25 16v10" stroke="#fff" stroke-width="2.5"/></svg>`;

/** The icon is made here, so that the browser sends no request for one. */
function showIcon() {
  const href = URL.createObjectURL(new Blob([ICON], { type: "image/svg+xml" }));
  document.head.append(element("link", { rel: "icon", href }));
}

function showLegend() {
  const entries = ["answered", "held", "refused", "broken", "lost"].map((name) => [shapeIcon(name), name]);
  byId("legend").append(...[...entries, [flagIcon(), "finding"]].map(([icon, name]) => element("li", icon, ` ${name}`)));
}

function showServer() {
  setText("version", namespaces.version);
  byId("welcome-keys").replaceChildren(...prefixes());
  byId("welcome-command").textContent = exampleCommand();
  byId("welcome").hidden = namespaces.all.size > 0;
  byId("namespace").hidden = !namespaces.chosen;
}

/** What keys begin with, for each API that has keys. */
function prefixes() {
  const known = Object.entries(namespaces.apis).filter(([, { prefix }]) => prefix);
  return known.flatMap(([api, { prefix }], at) => [at ? " or " : "", element("code", prefix), ` (${api})`]);
}

function showFacts({ name, closed, scenario, requests }) {
  document.title = visible(`${name} – jobmock`);
  setText("namespace-name", name);
  setText("namespace-facts", joined([closed && "closed by the server", scenario && `plays ${scenario}`, count(requests, "request")]));
  drawLanes();
}

function showLive(live, reason) {
  const { dataset } = byId("connection");
  if (live && dataset.live === "false") clearError();
  dataset.live = live;
  setText("connection", live ? "Live" : `Not live. ${reason}`);
}

/** A running clock moves between two events. */
function tick() {
  const { state } = namespaces;
  if (!state?.clock?.speed || state.closed || document.hidden) return;
  showReading();
  askIfDue();
  if (view.mode === "follow" || reading().now <= view.to) drawLanes();
}

/** The page is painted before its data come, however many there are. A hidden tab isn't painted. */
function afterPaint(start) {
  if (document.hidden) start();
  else requestAnimationFrame(() => setTimeout(start));
}

showIcon();
showLegend();
on("copy-welcome", "click", () => copyText(exampleCommand(), "The command"));
[connectNamespaceList, connectClock, connectFilter, connectTable, connectLanes, connectScenarios, connectDownloads].forEach((connect) => connect());
namespaces.changed.on(showServer);
namespaces.updated.on(showFacts);
setInterval(tick, TICK);
afterPaint(() => readEvents(takeState, showLive));
