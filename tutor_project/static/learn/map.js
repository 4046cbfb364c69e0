// A map of concepts: what builds on nothing stands on top, each concept below all that it builds on, joined by lines.

import { fill, h } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * The rows of a map. `needs` maps a name to the names it builds on; what only stands in `names` and builds on nothing that
 * builds on it is left out. A circle is cut where it is met.
 */
export function layers(names, needs) {
  const linked = new Set(Object.entries(needs).flatMap(([name, below]) => [name, ...below]));
  const shown = [...new Set([...names, ...linked])].filter((name) => linked.has(name));
  const depths = new Map();
  const depth = (name, path) => {
    if (!depths.has(name)) depths.set(name, Math.max(0, ...(needs[name] ?? []).filter((other) => !path.has(other)).map((other) => 1 + depth(other, new Set([...path, name])))));
    return depths.get(name);
  };
  const rows = [];
  for (const name of shown) (rows[depth(name, new Set([name]))] ??= []).push(name);
  const place = new Map();
  for (const row of rows) {
    // Below the middle of what it builds on, a line crosses few others.
    const middle = (name) => {
      const above = (needs[name] ?? []).filter((other) => place.has(other)).map((other) => place.get(other));
      return above.length ? above.reduce((sum, at) => sum + at, 0) / above.length : Infinity;
    };
    const wanted = new Map(row.map((name, at) => [name, [middle(name), at]]));
    row.sort((one, other) => wanted.get(one)[0] - wanted.get(other)[0] || wanted.get(one)[1] - wanted.get(other)[1]);
    row.forEach((name, at) => place.set(name, (at + 0.5) / row.length));
  }
  return rows;
}

/**
 * Draw `rows` of names. `box(name)` gives the element of a concept; `chosen(name)` hears which one was picked. Lines follow the
 * boxes when the window changes, until `signal` ends it.
 */
export function drawnMap({ rows, needs, label, box, chosen, signal }) {
  const lines = document.createElementNS(SVG, "svg");
  lines.setAttribute("aria-hidden", "true");
  const boxes = new Map();
  const element = h("div", { class: "map" }, lines, h("ol", { "aria-label": label }, rows.map((row) => h("li", {}, h("ul", {}, row.map((name) => {
    const one = box(name);
    one.addEventListener("click", () => pick(name));
    boxes.set(name, one);
    return h("li", {}, one);
  }))))));
  const edges = rows.flat().flatMap((name) => (needs[name] ?? []).filter((below) => boxes.has(below)).map((below) => [below, name]));
  let picked = null;

  function pick(name) {
    picked = name;
    for (const [other, one] of boxes) {
      one.setAttribute("aria-pressed", String(other === name));
      one.classList.toggle("near", edges.some(([from, to]) => (from === name && to === other) || (to === name && from === other)));
    }
    draw();
    chosen(name);
  }

  function draw() {
    const frame = element.getBoundingClientRect();
    if (!frame.width) return;
    lines.setAttribute("viewBox", `0 0 ${frame.width} ${frame.height}`);
    fill(lines, edges.map(([from, to]) => {
      const [above, below] = [boxes.get(from).getBoundingClientRect(), boxes.get(to).getBoundingClientRect()];
      const [x1, y1, x2, y2] = [above.x + above.width / 2 - frame.x, above.bottom - frame.y, below.x + below.width / 2 - frame.x, below.y - frame.y];
      const bend = Math.max(12, (y2 - y1) / 2);
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("d", `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`);
      if (picked) path.setAttribute("class", [from, to].includes(picked) ? "near" : "far");
      return path;
    }));
  }

  const watcher = new ResizeObserver(draw);
  watcher.observe(element);
  signal.addEventListener("abort", () => watcher.disconnect());
  return element;
}
