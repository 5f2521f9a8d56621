/** The jobs over time: one lane for each job, an axis, zoom and pan. */

import { saveScenario } from "./downloads.js";
import { byId, element, oncePerFrame, setText, signal, svg } from "./dom.js";
import { grouped, shortId } from "./formats.js";
import { drawLane } from "./lane_drawing.js";
import { connectLaneInput } from "./lane_input.js";
import { outcomeCounts } from "./marks.js";
import { reading } from "./namespaces.js";
import { axisMoments, drawAxis } from "./time_axis.js";
import { TimeView } from "./time_view.js";
import { VirtualRows } from "./virtual_rows.js";

const OPEN_PART = 0.3;

export class Lanes {
  /** Emits the number of an exchange whose mark was chosen. */
  chose = signal();
  /** Emits the id of a job whose requests are wanted. */
  choseJob = signal();
  view = new TimeView(() => this.#extent());
  draw = oncePerFrame(() => this.#draw());
  #namespaces;
  #journal;
  #findings;
  #highlight;
  #rows;
  #drawing;

  constructor(namespaces, journal, findings, highlight) {
    [this.#namespaces, this.#journal, this.#findings, this.#highlight] = [namespaces, journal, findings, highlight];
    const [before, after] = [element("div"), element("div")];
    byId("lane-list").append(before, after);
    this.#rows = new VirtualRows(byId("lanes"), before, after, {
      key: (job) => job.id, create: (job) => this.#create(job), refresh: (lane, job) => this.#refresh(lane, job),
      rowHeight: () => byId("lane-list").querySelector(".lane")?.offsetHeight || 56,
    });
    this.view.changed.on(this.draw);
    for (const { changed } of [journal, findings, highlight]) changed.on(this.draw);
    new ResizeObserver(this.draw).observe(byId("lanes"));
    connectLaneInput(this.view, (number) => this.chose.emit(number));
  }

  /** Make the marks of some exchanges visible. */
  show(exchanges) {
    if (!exchanges.length) return;
    this.view.show(exchanges[0].at, exchanges.at(-1).at);
    const index = this.#rows.items.findIndex(({ id }) => id === (exchanges[0].job ?? null));
    if (index >= 0) this.#rows.reveal(index);
  }

  /** What there is to show. The time after the last request counts as far as it is short. */
  #extent() {
    const { state } = this.#namespaces;
    const [jobs, exchanges] = [[...this.#journal.jobs.values()], this.#journal.exchanges];
    const now = state ? reading(state).now : 0;
    const starts = [exchanges[0]?.at, ...jobs.map(({ spans }) => spans[0]?.from)].filter((at) => at !== undefined);
    if (!starts.length) return [now, now];
    const first = Math.min(...starts);
    const last = Math.max(exchanges.at(-1)?.at ?? first, ...jobs.map(({ spans }) => spans.at(-1)?.from ?? first));
    const open = this.view.mode === "follow" || now - last < Math.max(60, (last - first) * OPEN_PART);
    return [first, open ? Math.max(now, last) : last];
  }

  #draw() {
    const { state } = this.#namespaces;
    if (!state) return;
    this.view.refresh();
    const unit = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const width = byId("axis").clientWidth;
    const { clock } = state;
    const started = clock.started ?? clock.now - clock.elapsed;
    const { view } = this;
    this.#drawing = {
      unit, width, view, started, now: reading(state).now, findingsOf: this.#findings.of, highlighted: this.#highlight.numbers,
    };
    drawAxis(byId("axis"), axisMoments(view, started, width, unit * 6), (at) => ((at - view.from) / view.length) * width);
    byId("fit").setAttribute("aria-pressed", String(view.mode === "fit"));
    byId("follow").setAttribute("aria-pressed", String(view.mode === "follow"));
    this.#drawLanes();
  }

  #drawLanes() {
    const jobs = [...this.#journal.jobs.values()];
    const known = jobs.filter(({ id }) => id !== null);
    const older = this.#journal.olderJobs ? `, ${grouped(this.#journal.olderJobs)} older ones aren’t shown` : "";
    setText(byId("jobs-count"), `${grouped(known.length)}${older}`);
    byId("jobs-empty").hidden = jobs.length > 0;
    const added = jobs.length > this.#rows.items.length;
    this.#rows.show(jobs.sort((one, other) => startOf(one) - startOf(other)));
    if (added && this.view.mode === "follow") this.#rows.reveal(jobs.length - 1);
  }

  #create({ id }) {
    const name = id === null ? element("span", { class: "lane-id" }, "No job") : element("button", {
      type: "button", class: "lane-id", title: `${id}: show its requests`, "aria-label": `Show the requests of job ${shortId(id)}`,
      onclick: () => this.choseJob.emit(id),
    }, shortId(id));
    const save = element("button", {
      type: "button", class: "small-button", "aria-label": `Download the scenario of job ${shortId(id ?? "")}`,
      title: "Download its scenario as YAML", onclick: () => saveScenario(this.#namespaces.chosen, id),
    }, "YAML");
    return element("div", { class: "lane", role: "group", "data-job": id ?? "" },
      element("div", { class: "lane-name" }, name, element("span", { class: "muted small facts" }), id === null ? null : save),
      svg("svg", { class: "track" }));
  }

  #refresh(lane, job) {
    lane.setAttribute("aria-label", laneName(job));
    lane.querySelector(".small-button")?.toggleAttribute("hidden", !job.known);
    setText(lane.querySelector(".facts"), factsOf(job));
    const track = lane.querySelector("svg");
    const focused = track.contains(document.activeElement) ? document.activeElement.dataset.exchange : track.dataset.entry;
    const hasFocus = track.contains(document.activeElement);
    track.replaceChildren(...drawLane(job, this.#drawing));
    const entry = track.querySelector(`[data-exchange="${focused}"]`) || track.querySelector(".mark");
    entry?.setAttribute("tabindex", 0);
    if (hasFocus) entry?.focus({ preventScroll: true });
  }
}

const startOf = ({ id, made, exchanges }) => (id === null ? Infinity : made ?? exchanges[0]?.made ?? exchanges[0]?.at ?? 0);

function factsOf({ id, scenario, status, exchanges }) {
  if (id === null) return `${grouped(exchanges.length)} requests`;
  return [scenario, status].filter(Boolean).join(" · ");
}

/** The sentence that names a lane: what its picture shows. */
function laneName({ id, scenario, status, exchanges }) {
  const name = id === null ? "Requests without a job" : `Job ${shortId(id)}`;
  const requests = exchanges.length ? `${grouped(exchanges.length)} requests: ${outcomeCounts(exchanges)}` : "no requests";
  return [name, scenario, status, requests].filter(Boolean).join(", ");
}
