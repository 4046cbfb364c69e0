// Formulas as MathML: KaTeX is read when the first formula is to be shown, and builds elements, not markup.

import { h } from "./dom.js";

let engine = null;

function read() {
  engine ??= import("./vendor/katex/katex.min.js").then(() => globalThis.katex);
  return engine;
}

/** A formula; until it is set, and where it cannot be, its source stands in its place. */
export function formula(latex, { display = false } = {}) {
  const place = h(display ? "div" : "span", { class: display ? "formula display" : "formula" }, h("code", {}, latex));
  if (display) place.tabIndex = 0;
  read().then((katex) => katex.render(latex, place, { output: "mathml", displayMode: display, throwOnError: true, strict: "ignore" }))
    .catch(() => place.replaceChildren(h("code", {}, latex)));
  return place;
}
