/** Makes elements. Every text is set as text, so nothing that a client sent can become markup. */

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

export const element = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);

export const svg = (name, attributes, ...children) => fill(document.createElementNS(SVG, name), attributes, children);

/** Set attributes; a name such as `onclick` adds a listener. null and false leave an attribute out. */
function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Set the text of an element, if it differs. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** A list of functions that are called with each value. */
export function signal() {
  const listeners = new Set();
  return { on: (listener) => listeners.add(listener), emit: (value) => listeners.forEach((listener) => listener(value)) };
}

/** Return a function that calls another at most once per frame. */
export function oncePerFrame(draw) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw();
    });
  };
}
