// The structure of a document as elements: headings, lists, tables, code, formulas and figures, passages marked in them.

import { fill, h, whole } from "./dom.js";
import { t } from "./i18n.js";
import { formula } from "./math.js";
import { picture } from "./pictures.js";

const TAGS = { term: "b", emphasis: "em", code: "code", superscript: "sup", subscript: "sub", link: "span" };
const OWN_MARKER = /^(\d+|[a-z])[.)]\s|^[•–-]\s/i;

/** Lines of a PDF end where the paper did: prose flows on, and a word that was parted is whole again. */
export function folded(text) {
  return whole(text).replace(/\s*\n\s*/g, " ");
}

/** The blocks that a stretch of text touches, cut to it; tables keep their head and the rows it touches. */
export function between(blocks, start, end) {
  return blocks.filter((block) => touches(block, [[start, end]])).map((block) => ({ ...block, origin: block,
    ...(block.kind === "table" ? { within: [[start, end]] } : { char_start: Math.max(start, block.char_start), char_end: Math.min(end, block.char_end) }) }));
}

/**
 * The blocks as elements. `marked` holds the passages to show as marked: `[[start, end]]` in code points. `outer` is the
 * level of the heading that all of it stands under; without one, headings are no part of the page's outline.
 */
export function drawn(document, blocks, marked = [], outer = null) {
  const elements = [];
  let level = outer;
  for (const block of blocks) {
    if (block.kind === "furniture") continue;
    if (block.kind === "heading") {
      if (outer !== null) level = Math.min(6, level + 1, outer + (block.level ?? 1)); // no level is left out
      elements.push(h(outer === null ? "p" : `h${level}`, { class: "heading" }, prose(document, block, marked)));
      continue;
    }
    const element = DRAWERS[block.kind]?.(document, block, marked) ?? h("p", {}, prose(document, block, marked));
    const list = elements.at(-1);
    if (block.kind !== "list_item") elements.push(element);
    else if (list?.tagName === "UL") list.append(element);
    else elements.push(h("ul", {}, element));
  }
  return elements;
}

const DRAWERS = {
  list_item: (document, block, marked) => {
    const own = OWN_MARKER.test(document.cut(block.char_start, block.char_end));
    return h("li", { class: own ? "own-marker" : null, "data-level": block.level }, prose(document, block, marked));
  },
  quote: (document, block, marked) => h("blockquote", {}, prose(document, block, marked)),
  caption: (document, block, marked) => h("p", { class: "caption" }, prose(document, block, marked)),
  footnote: (document, block, marked) => h("p", { class: "footnote" }, prose(document, block, marked)),
  formula: (document, block, marked) => {
    const shown = block.latex ? formula(block.latex, { display: true }) : h("p", {}, prose(document, block, marked));
    return touches(block, marked) ? h("mark", { class: "whole" }, shown) : shown;
  },
  code: (document, block, marked) => h("figure", { class: "code" },
    block.code_language && h("figcaption", {}, block.code_language),
    h("pre", { tabindex: "0" }, h("code", {}, inline(document, block.char_start, block.char_end, [], marked)))),
  table,
  figure,
};

function prose(document, block, marked) {
  return inline(document, block.char_start, block.char_end, block.marks, marked, folded);
}

function touches({ char_start: start, char_end: end }, marked) {
  return marked.some(([from, to]) => from < end && to > start);
}

/** The stretch of text as nodes: what the document marks and what is marked here, one inside the other. */
function inline(document, start, end, marks, marked, written = (text) => text) {
  const formulas = marks.filter((mark) => mark.kind === "formula" && mark.latex);
  const inside = (place) => formulas.some((mark) => mark.char_start < place && place < mark.char_end);
  const places = [start, end, ...marks.flatMap((mark) => [mark.char_start, mark.char_end]), ...marked.flat()]
    .filter((place) => place >= start && place <= end && !inside(place));
  const cuts = [...new Set(places)].sort((one, other) => one - other);
  return cuts.slice(1).map((to, index) => {
    const piece = { char_start: cuts[index], char_end: to };
    const own = formulas.find((mark) => mark.char_start === piece.char_start);
    let node = own ? formula(own.latex) : written(document.cut(piece.char_start, to));
    for (const mark of marks) {
      if (TAGS[mark.kind] && mark.char_start <= piece.char_start && mark.char_end >= to) node = h(TAGS[mark.kind], {}, node);
    }
    return touches(piece, marked) ? h("mark", {}, node) : node;
  });
}

/** Cells stand in the text row by row, parted by tabs, without the tabs at the end of a row. */
function table(document, block, marked) {
  let place = block.char_start;
  const rows = (block.rows ?? []).map((cells) => {
    const starts = cells.map((cell) => {
      const at = place;
      place += [...cell].length + 1;
      return at;
    });
    const last = cells.findLastIndex((cell) => cell);
    place = starts[last] + [...cells[last]].length + 1;
    return { cells: cells.map((cell, index) => (index > last ? [] : inline(document, starts[index], starts[index] + [...cell].length, block.marks, marked))),
      wanted: !block.within || touches({ char_start: starts[0], char_end: place }, block.within) };
  });
  const row = (tag) => ({ cells }) => h("tr", {}, cells.map((cell) => h(tag, tag === "th" ? { scope: "col" } : {}, cell)));
  const head = rows.length > 1 ? rows.shift() : null;
  return scrolling(t("Table"), h("table", {}, head && h("thead", {}, row("th")(head)),
    h("tbody", {}, rows.filter(({ wanted }) => wanted).map(row("td")))));
}

/** What may be wider than the screen is moved in a place of its own, by the keyboard too; no landmark, as there may be many. */
export function scrolling(label, ...children) {
  return h("div", { class: "scrolling", role: "group", tabindex: "0", "aria-label": label }, children);
}

function figure(document, block, marked) {
  const shown = document.figures[document.blocks.filter((entry) => entry.kind === "figure").indexOf(block.origin ?? block)];
  const caption = h("figcaption", {}, prose(document, block, marked));
  if (!shown) return h("figure", {}, caption);
  const label = shown.caption || t("Figure {n}", { n: shown.n });
  const { canvas, drawn: done } = picture(`/documents/${document.document_id}/figures/${shown.n}`, label);
  const place = h("figure", {}, canvas, caption);
  done.catch(() => fill(place, caption));
  return place;
}
