/** The jobs over time: one lane for each job, and an axis. */

import { button, byId, element, joined, oncePerFrame, setText, svg, visible } from "./dom.js";
import { saveScenario } from "./downloads.js";
import { findings } from "./findings.js";
import { count, grouped, shortId } from "./formats.js";
import { find, journal } from "./journal.js";
import { drawLane } from "./lane_drawing.js";
import { connectLaneInput } from "./lane_input.js";
import { outcomeCounts } from "./marks.js";
import { namespaces, reading } from "./namespaces.js";
import { toggleJob } from "./request_filter.js";
import { revealRequest, wantedMark } from "./request_table.js";
import { axisMoments, goAlong, place, setMode, showTime, view } from "./time_view.js";
import { virtualRows } from "./virtual_rows.js";

/** The time after the last request is shown if something is due, or if it is short: in seconds, or as a part of the whole. */
const OPEN_SECONDS = 60;
const OPEN_PART = 0.3;

let [rows, scale] = [null, null];

export const drawLanes = oncePerFrame(() => {
  if (!namespaces.state) return;
  const unit = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const width = byId("axis").clientWidth;
  const { now, started, nextIn } = reading();
  goAlong(...extent(now, nextIn != null));
  scale = { unit, width, now, started };
  byId("axis").replaceChildren(...axisMoments(started, width, unit * 6).map(({ at, label }) => {
    const node = element("span", label);
    node.style.left = `${place(at, width)}px`;
    return node;
  }));
  for (const mode of ["fit", "follow"]) byId(mode).setAttribute("aria-pressed", view.mode === mode);
  showJobs();
});

/** The first and the last moment of which there is something to show. */
function extent(now, isDue) {
  const [jobs, { exchanges }] = [[...journal.jobs.values()], journal];
  const starts = [exchanges[0]?.at, ...jobs.map(({ spans }) => spans[0]?.from)].filter((at) => at !== undefined);
  if (!starts.length) return [now, now];
  const first = Math.min(...starts);
  const last = Math.max(exchanges.at(-1)?.at ?? first, ...jobs.map(({ spans }) => spans.at(-1)?.from ?? first));
  const isShort = now - last < Math.max(OPEN_SECONDS, (last - first) * OPEN_PART);
  return [first, view.mode === "follow" || isDue || isShort ? Math.max(now, last) : last];
}

function showJobs() {
  const jobs = [...journal.jobs.values()].sort((one, other) => startOf(one) - startOf(other));
  const { olderJobs } = journal;
  const number = jobs.filter(({ id }) => id !== null).length;
  setText("jobs-count", `${grouped(number)}${olderJobs ? `, ${grouped(olderJobs)} older ones aren’t shown` : ""}`);
  byId("jobs-empty").hidden = jobs.length > 0;
  const more = jobs.length > rows.items().length;
  rows.show(jobs);
  if (more && view.mode === "follow") rows.reveal(jobs.length - 1);
}

const startOf = ({ id, made, exchanges }) => (id === null ? Infinity : made ?? exchanges[0]?.made ?? exchanges[0]?.at ?? 0);

function create({ id }) {
  const name = id === null ? element("span.lane-id", "No job") : [
    button(".lane-id", shortId(id), () => toggleJob(id), { title: id, "aria-label": `Show the requests of job ${shortId(id)}` }),
    button(".small-button", "YAML", () => saveScenario(id), { "aria-label": `YAML of job ${shortId(id)}`, title: "Download its scenario" }),
  ];
  return element("div.lane", { role: "group", "data-job": id ?? "" },
    element("div.lane-name", name, element("span.muted.small.facts")), svg("svg.track"));
}

function refresh(lane, job) {
  const key = joined([job.exchanges.length, job.status, job.scenario]);
  if (lane.dataset.shown !== key) nameLane(lane, job);
  lane.dataset.shown = key;
  const track = lane.lastChild;
  const hasFocus = track.contains(document.activeElement);
  track.replaceChildren(...drawLane(job, scale));
  const entry = track.querySelector(`[data-exchange="${track.dataset.entry}"]`) || track.querySelector(".mark");
  entry?.setAttribute("tabindex", 0);
  if (hasFocus) entry?.focus({ preventScroll: true });
}

function nameLane(lane, { id, scenario, status, exchanges }) {
  const requests = count(exchanges.length, "request");
  const outcomes = exchanges.length ? `${requests}: ${outcomeCounts(exchanges)}` : requests;
  const name = id === null ? "Requests without a job" : `Job ${shortId(id)}`;
  lane.setAttribute("aria-label", visible(joined([name, scenario, status, outcomes], ", ")));
  lane.querySelector(".facts").textContent = visible(joined([scenario, status]) || requests);
}

/** Make the marks of some exchanges visible. */
function showMarks(exchanges) {
  if (!exchanges.length) return;
  showTime(exchanges[0].at, exchanges.at(-1).at);
  const index = rows.items().findIndex(({ id }) => id === exchanges[0].job);
  if (index >= 0) rows.reveal(index);
}

export function connectLanes() {
  const [before, after] = [element("div"), element("div")];
  byId("lanes").append(before, after);
  rows = virtualRows(byId("lanes"), before, after, {
    key: ({ id }) => id, create, refresh, extraRows: 1,
  });
  for (const { changed } of [journal, findings, view]) changed.on(drawLanes);
  namespaces.chose.on(() => setMode("fit"));
  findings.chose.on((finding) => {
    if (finding) showMarks(finding.exchanges.map(find).filter(Boolean));
    drawLanes();
  });
  wantedMark.on((exchange) => showMarks([exchange]));
  new ResizeObserver(drawLanes).observe(byId("lanes"));
  connectLaneInput(revealRequest);
}
