/** The list of namespaces, with a search. */

import { byId, element, joined, on, oncePerFrame, setText, visible } from "./dom.js";
import { count, grouped } from "./formats.js";
import { flagIcon } from "./lane_drawing.js";
import { namespaces } from "./namespaces.js";
import { virtualRows } from "./virtual_rows.js";

const UNJUDGED = "not judged yet";

export function connectNamespaceList() {
  const [before, after] = [0, 0].map(() => element("li", { "aria-hidden": "true" }));
  byId("namespace-list").append(before, after);
  const rows = virtualRows(byId("namespace-scroller"), before, after, {
    key: (name) => name, create: (name) => element("li", { "data-namespace": name }, element("a")),
    refresh: (row, name) => fill(row.firstChild, namespaces.all.get(name)),
  });
  const draw = oncePerFrame(() => {
    const words = byId("namespace-search").value.trim().toLowerCase();
    rows.show([...namespaces.all.keys()].filter((name) => name.includes(words)));
    byId("namespace-more").hidden = !namespaces.more;
    setText("namespace-more", `${grouped(namespaces.more)} older ones aren’t listed.`);
  });
  namespaces.changed.on(draw);
  on("namespace-search", "input", draw);
}

function fill(link, { name, api, requests, jobs, findings, closed }) {
  link.href = `#${encodeURIComponent(name)}`;
  link.toggleAttribute("data-closed", closed);
  if (name === namespaces.chosen) link.setAttribute("aria-current", "true");
  else link.removeAttribute("aria-current");
  const isJudged = findings !== undefined;
  link.title = visible(joined([name, !isJudged && UNJUDGED], ", "));
  const noun = element("span.unseen", findings === 1 ? " finding" : " findings");
  const facts = joined([closed && "closed", api && count(jobs, "job"), count(requests, "request")]);
  link.replaceChildren(
    element("span.head", element("span.name", name), findings && element("span.badge", grouped(findings), flagIcon(), noun),
      !isJudged && element("span.unseen", ` ${UNJUDGED}`)),
    element("span.muted.small", facts));
}
