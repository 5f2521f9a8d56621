/** The findings of the shown namespace: what the client did wrong, the evidence, and the remedy. */

import { button, byId, element, setText, signal } from "./dom.js";
import { count, shortId } from "./formats.js";
import { namespaces } from "./namespaces.js";
import { setFindings } from "./finding_counts.js";
import { pacedCall } from "./paced_call.js";

const MOST_SHOWN = 200;

/** `highlighted` has the exchanges of the chosen finding. */
export const findings = { chosen: null, highlighted: new Set(), changed: signal(), chose: signal() };

let [list, byNumber, shown] = [[], new Map(), ""];

/** Return the findings that name an exchange. */
export const findingsOf = (number) => byNumber.get(number) || [];

/** Highlight the exchanges of a finding; the same finding once more ends it. */
function choose(finding) {
  findings.chosen = finding && isChosen(finding) ? null : finding;
  findings.highlighted = new Set(findings.chosen?.exchanges);
  markChosen();
  findings.chose(findings.chosen);
}

/** A finding comes again with each answer, and may have more exchanges then. */
const isChosen = ({ rule, job, exchanges }) =>
  findings.chosen?.rule === rule && findings.chosen.job === job && findings.chosen.exchanges[0] === exchanges[0];

function take(answer, requests) {
  setFindings(namespaces.state, answer.findings.length, requests);
  show(answer);
}

function show(answer) {
  const text = JSON.stringify(answer);
  if (text === shown) return;
  [shown, list, byNumber] = [text, answer.findings, new Map()];
  for (const finding of list) for (const number of finding.exchanges) byNumber.set(number, [...findingsOf(number), finding]);
  draw(Object.entries(answer.not_judged));
  findings.changed();
}

function draw(notJudged) {
  const focused = document.activeElement.closest("[data-finding]")?.dataset.finding;
  byId("finding-list").replaceChildren(...list.slice(0, MOST_SHOWN).map(item));
  byId("findings-empty").hidden = list.length > 0;
  setText("findings-count", `${list.length}${list.length > MOST_SHOWN ? `, the first ${MOST_SHOWN} are shown` : ""}`);
  byId("not-judged").hidden = !notJudged.length;
  setText("not-judged-count", `${count(notJudged.length, "rule")} couldn’t be judged`);
  byId("not-judged-list").replaceChildren(...notJudged.flatMap(([rule, why]) => [element("dt", rule), element("dd", why)]));
  markChosen();
  document.querySelector(`[data-finding="${focused}"] button`)?.focus();
}

function item(finding, index) {
  const { rule, severity, job, evidence, remedy } = finding;
  const part = (name, text) => element(`span.${name}`, text);
  const words = [part("rule", rule), part("severity", severity), job && part("job", `job ${shortId(job)}`), part("evidence", evidence)];
  return element(`li.finding.${severity}`, { "data-finding": index, "data-rule": rule },
    button("", words, () => choose(finding)), element("p.remedy.muted", remedy));
}

function markChosen() {
  for (const node of byId("finding-list").children) {
    const chosen = isChosen(list[node.dataset.finding]);
    node.firstChild.setAttribute("aria-pressed", chosen);
    node.classList.toggle("highlighted", chosen);
  }
}

namespaces.chose.on(() => {
  choose(null);
  show({ findings: [], not_judged: {} });
  shown = "";
  byId("findings-empty").hidden = true;
});
pacedCall("findings", take);
