/** Makes elements. Every text is set as text, so nothing that a client sent can become markup. */

/** Characters that can't be seen, or that turn the text around them. Blanks other than a space are among them. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu;
const READ = new Set(["title", "aria-label", "alt"]);

/** Return a text as it is shown: each invisible character as `\u{202e}`. */
export const visible = (text) => text.replace(INVISIBLE, (character) => `\\u{${character.codePointAt(0).toString(16)}}`);

export const byId = (id) => document.getElementById(id);

/** `element("p.note", { title: "…" }, child, …)`: objects are attributes or listeners; null and false are left out. */
export const element = (name, ...parts) => fill(document.createElement(name.split(".")[0]), name, parts);

export const svg = (name, ...parts) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", name.split(".")[0]), name, parts);

export const button = (name, text, onclick, attributes) => element(`button${name}`, { type: "button", onclick, ...attributes }, text);

function fill(node, name, parts) {
  const classes = name.split(".").slice(1).join(" ");
  if (classes) node.setAttribute("class", classes);
  for (const part of parts.flat()) {
    if (part?.constructor === Object) setAttributes(node, part);
    else if (part) node.append(part.nodeType ? part : visible(String(part)));
  }
  return node;
}

function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value != null && value !== false) node.setAttribute(name, READ.has(name) ? visible(value) : value);
  }
}

export function setText(id, text) {
  const shown = visible(text);
  if (byId(id).textContent !== shown) byId(id).textContent = shown;
}

export const on = (id, type, listener) => byId(id).addEventListener(type, listener);

/** Join what there is. */
export const joined = (parts, between = " · ") => parts.filter(Boolean).join(between);

/** A function that calls its listeners, which `on` adds. */
export function signal() {
  const listeners = [];
  const emit = (value) => listeners.forEach((listener) => listener(value));
  return Object.assign(emit, { on: (listener) => listeners.push(listener) });
}

export function oncePerFrame(draw) {
  let waiting = false;
  return () => {
    if (!waiting) requestAnimationFrame(() => (waiting = false, draw()));
    waiting = true;
  };
}
