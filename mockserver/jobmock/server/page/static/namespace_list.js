/** The list of namespaces, with a search. */

import { byId, element, oncePerFrame, setText } from "./dom.js";
import { count, grouped } from "./formats.js";
import { flagPicture } from "./lane_drawing.js";
import { VirtualRows } from "./virtual_rows.js";

export class NamespaceList {
  #namespaces;
  #rows;

  constructor(namespaces) {
    this.#namespaces = namespaces;
    const list = byId("namespace-list");
    const [before, after] = [spacer(), spacer()];
    list.append(before, after);
    this.#rows = new VirtualRows(byId("namespace-scroller"), before, after, {
      key: (name) => name,
      create: () => element("li", null, element("a", null)),
      refresh: (row, name) => this.#fill(row.firstChild, namespaces.all.get(name)),
      rowHeight: () => list.querySelector("li[data-namespace]")?.offsetHeight || 44,
    });
    const draw = oncePerFrame(() => this.#draw());
    namespaces.changed.on(draw);
    byId("namespace-search").addEventListener("input", draw);
  }

  #draw() {
    const words = byId("namespace-search").value.trim().toLowerCase();
    const names = [...this.#namespaces.all.keys()].filter((name) => name.toLowerCase().includes(words));
    this.#rows.show(names);
    const { more } = this.#namespaces;
    byId("namespace-more").hidden = !more;
    setText(byId("namespace-more"), `${grouped(more)} older ones aren’t listed.`);
  }

  #fill(link, namespace) {
    const { name, api, requests, jobs, findings, closed } = namespace;
    link.parentNode.dataset.namespace = name;
    link.href = `#${encodeURIComponent(name)}`;
    link.toggleAttribute("data-closed", closed);
    if (name === this.#namespaces.chosen) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    const facts = [closed && "closed", api && count(jobs, "job"), count(requests, "request")].filter(Boolean).join(" · ");
    const badge = findings ? element("span", { class: "badge" }, `${grouped(findings)} `, flagPicture(), unseen(findings)) : null;
    link.replaceChildren(
      element("span", { class: "head" }, element("span", { class: "name" }, name), badge),
      element("span", { class: "muted small facts" }, facts));
  }
}

const unseen = (findings) => element("span", { class: "unseen" }, findings === 1 ? "finding" : "findings");

const spacer = () => element("li", { "aria-hidden": "true", class: "spacer" });
