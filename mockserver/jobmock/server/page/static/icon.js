/** The icon of the tab. It is made here, so that the browser sends no request for one. */

import { element } from "./dom.js";

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#2f4bc7"/>
<path d="M6 11h9M6 21h16" stroke="#9db2ff" stroke-width="5"/><path d="M11 6v10M18 16v10M25 16v10" stroke="#fff" stroke-width="2.5"/></svg>`;

export function showIcon() {
  const href = URL.createObjectURL(new Blob([ICON], { type: "image/svg+xml" }));
  document.head.append(element("link", { rel: "icon", href }));
}
