/** The findings of the shown namespace: what the client did wrong, the evidence, and the remedy. */

import { call } from "./control_calls.js";
import { byId, element, setText, signal, span } from "./dom.js";
import { count, shortId } from "./formats.js";
import { showError } from "./messages.js";
import { namespaces } from "./namespaces.js";
import { pacedCall } from "./paced_call.js";

const MOST_SHOWN = 200;
const NONE = [];

export const findings = { chosen: null, /** The exchanges of the chosen finding. */ highlighted: new Set(), changed: signal(), chose: signal() };

let [list, byNumber, shown] = [NONE, new Map(), ""];

/** Return the findings that name an exchange. */
export const findingsOf = (number) => byNumber.get(number) || NONE;

/** Highlight the exchanges of a finding; the same finding once more ends it. */
function choose(finding) {
  findings.chosen = same(finding, findings.chosen) ? null : finding;
  findings.highlighted = new Set(findings.chosen?.exchanges);
  markChosen();
  findings.chose(findings.chosen);
}

/** A finding comes again with each answer, and may have more exchanges then. */
const same = (one, other) => one?.rule === other?.rule && one?.job === other?.job && one?.exchanges[0] === other?.exchanges[0];

function take(answer) {
  const text = JSON.stringify(answer);
  if (text === shown) return;
  shown = text;
  list = answer.findings;
  byNumber = new Map();
  for (const finding of list) for (const number of finding.exchanges) byNumber.set(number, [...findingsOf(number), finding]);
  draw(answer.not_judged || {});
  if (namespaces.state) namespaces.state.findings = list.length;
  namespaces.changed();
  findings.changed();
}

function draw(notJudged) {
  const focused = document.activeElement?.closest?.("[data-finding]")?.dataset.finding;
  byId("finding-list").replaceChildren(...list.slice(0, MOST_SHOWN).map(item));
  byId("findings-empty").hidden = list.length > 0;
  setText("findings-count", `${list.length}${list.length > MOST_SHOWN ? `, the first ${MOST_SHOWN} are shown` : ""}`);
  const reasons = Object.entries(notJudged);
  byId("not-judged").hidden = !reasons.length;
  setText("not-judged-count", `${count(reasons.length, "rule")} couldn’t be judged`);
  byId("not-judged-list").replaceChildren(...reasons.flatMap(([rule, why]) => [element("dt", null, rule), element("dd", null, why)]));
  markChosen();
  document.querySelector(`[data-finding="${focused}"] button`)?.focus();
}

function item(finding, index) {
  const { rule, severity, job, evidence, remedy } = finding;
  return element("li", { "data-finding": index, "data-rule": rule, class: `finding ${severity}` },
    element("button", { type: "button", onclick: () => choose(finding) },
      span("rule", rule), span("severity", severity), job && span("muted job", `job ${shortId(job)}`), span("evidence", evidence)),
    element("p", { class: "remedy muted" }, remedy));
}

function markChosen() {
  for (const node of byId("finding-list").children) {
    const chosen = Boolean(findings.chosen) && same(list[node.dataset.finding], findings.chosen);
    node.firstChild.setAttribute("aria-pressed", chosen);
    node.classList.toggle("highlighted", chosen);
  }
}

const load = pacedCall(async () => {
  const { chosen: namespace } = namespaces;
  try {
    const answer = await call("GET", "findings", { query: { namespace } });
    if (namespace === namespaces.chosen) take(answer);
  } catch (error) {
    if (namespace === namespaces.chosen) showError(error);
  }
});

namespaces.chose.on(() => {
  choose(null);
  take({ findings: [] });
  byId("findings-empty").hidden = true;
  load(true);
});
namespaces.updated.on(({ closed }) => closed || load());
