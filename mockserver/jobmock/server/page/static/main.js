/** Starts the page: makes its parts, and connects them. */

import { connectClock, showReading } from "./clock.js";
import { copyText } from "./clipboard.js";
import { exampleCommand } from "./curl.js";
import { byId, element, setText } from "./dom.js";
import { connectDownloads } from "./downloads.js";
import { readEvents } from "./event_stream.js";
import { Findings } from "./findings.js";
import { count } from "./formats.js";
import { Highlight } from "./highlight.js";
import { showIcon } from "./icon.js";
import { Journal } from "./journal.js";
import { shapePicture, flagPicture } from "./lane_drawing.js";
import { Lanes } from "./lanes.js";
import { NamespaceList } from "./namespace_list.js";
import { Namespaces } from "./namespaces.js";
import { PacedCall } from "./paced_call.js";
import { RequestFilter } from "./request_filter.js";
import { RequestTable } from "./request_table.js";
import { Scenarios } from "./scenarios.js";
import { loadTimeline } from "./timeline.js";

const TICK = 250;
const LEGEND = ["answered", "held", "refused", "broken", "lost"];

const namespaces = new Namespaces();
const highlight = new Highlight();
const journal = new Journal();
const findings = new Findings(highlight);
const filter = new RequestFilter(findings.of);
const lanes = new Lanes(namespaces, journal, findings, highlight);
const table = new RequestTable(journal, findings, highlight, filter);
const isShown = (name) => name === namespaces.chosen;
const timelineCall = new PacedCall(() => loadTimeline(namespaces, journal));
const findingsCall = new PacedCall(() => {
  const name = namespaces.chosen;
  return findings.load(name, () => isShown(name));
});

function connectParts() {
  new NamespaceList(namespaces);
  new Scenarios(namespaces);
  connectClock(namespaces);
  connectDownloads(() => namespaces.chosen);
  namespaces.chose.on(openNamespace);
  namespaces.updated.on(update);
  namespaces.changed.on(showServer);
  journal.changed.on((change) => table.take(change, startOf(namespaces.state)));
  findings.changed.on((number) => namespaces.setFindings(namespaces.chosen, number));
  highlight.changed.on(showFinding);
  lanes.chose.on((number) => table.reveal(number, { open: true, focus: true }));
  lanes.choseJob.on((job) => filter.toggleJob(job));
  table.wantedMark.on((exchange) => lanes.show([exchange]));
}

const startOf = (state) => (state ? state.clock.started ?? state.clock.now - state.clock.elapsed : 0);

function openNamespace(name) {
  highlight.set(null);
  findings.clear();
  filter.clear();
  journal.open(name);
  lanes.view.fit();
  [timelineCall, findingsCall].forEach((call) => call.restart());
}

function update(state) {
  setText(byId("namespace-name"), state.name);
  const played = state.scenario ? `plays ${state.scenario}` : "";
  setText(byId("namespace-facts"), [state.closed && "closed by the server", played, count(state.requests, "request")].filter(Boolean).join(" · "));
  showReading(state);
  lanes.draw();
  if (state.closed) return;
  journal.update(state);
  [timelineCall, findingsCall].forEach((call) => call.request());
}

function showServer() {
  setText(byId("version"), namespaces.version);
  byId("welcome").hidden = namespaces.all.size > 0;
  byId("namespace").hidden = !namespaces.chosen;
}

/** Show the requests of a finding. */
function showFinding(finding) {
  if (!finding) return;
  const exchanges = finding.exchanges.map((number) => journal.find(number)).filter(Boolean);
  lanes.show(exchanges);
  if (exchanges.length) table.reveal(exchanges[0].number);
}

function showLive(live, reason = "") {
  const node = byId("connection");
  node.dataset.live = live;
  setText(node, live ? "Live" : `Not live. ${reason}`);
}

/** A running clock moves between two events. */
function tick() {
  const { state } = namespaces;
  if (!state || document.hidden || state.closed || !state.clock.speed) return;
  showReading(state);
  lanes.draw();
}

function showLegend() {
  const entries = [...LEGEND.map((name) => [shapePicture(name), name]), [flagPicture(), "finding"]];
  byId("legend").append(...entries.map(([picture, name]) => element("li", null, picture, ` ${name}`)));
}

function showWelcome() {
  setText(byId("welcome-command"), exampleCommand());
  byId("copy-welcome").addEventListener("click", () => copyText(exampleCommand(), "The command"));
}

showIcon();
showLegend();
showWelcome();
connectParts();
setInterval(tick, TICK);
readEvents((state) => namespaces.take(state), showLive);
