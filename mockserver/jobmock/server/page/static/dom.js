/** Makes elements. Every text is set as text, so nothing that a client sent can become markup. */

export const byId = (id) => document.getElementById(id);

export const element = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);

export const svg = (name, attributes, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);

export const button = (text, onclick, attributes) => element("button", { type: "button", onclick, ...attributes }, text);

export const span = (className, ...children) => element("span", { class: className }, ...children);

/** Set attributes; a function is a listener. Null and false leave an attribute or a child out. */
function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value != null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter(Boolean));
  return node;
}

export function setText(id, text) {
  if (byId(id).textContent !== text) byId(id).textContent = text;
}

export const onClick = (id, listener) => byId(id).addEventListener("click", listener);

/** A function that calls its listeners, which `on` adds. */
export function signal() {
  const listeners = [];
  const emit = (value) => listeners.forEach((listener) => listener(value));
  return Object.assign(emit, { on: (listener) => listeners.push(listener) });
}

/** Return a function that calls another at most once per frame. */
export function oncePerFrame(draw) {
  let waiting = false;
  return () => {
    if (!waiting) requestAnimationFrame(() => (waiting = false, draw()));
    waiting = true;
  };
}
