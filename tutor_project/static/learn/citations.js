// Sentences and the passages they rest on: numbers in a text, and the sources below it.

import { between, drawn, folded } from "./blocks.js";
import { add, fill, h } from "./dom.js";
import { content } from "./documents.js";
import { openSources, origin } from "./viewer.js";

/** A button that shows a citation, `label` on it; `among` are those that the viewer leads through. */
export function cite(citation, label = origin(citation), among = [citation]) {
  const named = label.includes(citation.filename);
  return h("button", { type: "button", class: "cite", title: named ? null : origin(citation), "aria-label": named ? null : `${label}: ${origin(citation)}`,
    onclick: () => openSources(among, Math.max(0, among.indexOf(citation))) }, label);
}

/** The sources of a text, numbered as in the text. */
export function sources(citations) {
  return citations.length > 0 && h("div", { class: "row sources" },
    citations.map((citation, index) => cite(citation, `[${index + 1}] ${origin(citation)}`, citations)));
}

/**
 * A passage as its document has it: tables, code and formulas as such, `highlights` marked. Its plain text stands there
 * until the document is read, and where it cannot be.
 */
export function excerpt(citation, highlights = [], ...after) {
  const place = h("div", { class: "excerpt" }, h("p", { class: "prose" }, folded(citation.text), " ", after));
  content(citation.document_id).then((stored) => {
    const elements = drawn(stored, between(stored.blocks, citation.char_start, citation.char_end), highlights);
    if (!elements.length) return;
    fill(place, elements);
    const last = place.lastElementChild;
    add(last.tagName === "P" ? last : place, " ", after);
  }).catch(() => {});
  return place;
}

const LONGEST_LEAD = 40; // signs, such as “Formula 1:”, before a passage that is shown as its document has it
const MARK = /\[(\d+)\]/;
const bare = (text) => text.replace(/\u2010\n|[\s|]/g, "");

/** The text up to its `count`-th sign that is not bare. */
function beginning(text, count) {
  let at = 0;
  while (at < text.length && bare(text.slice(0, at)).length < count) at += 1;
  return text.slice(0, at);
}

/** The text as paragraphs, its marks [1], [2] … turned into buttons; what ends with a passage word for word shows it as one. */
export function cited(text, citations = []) {
  const elements = [];
  const number = (given) => citations[given - 1] && cite(citations[given - 1], String(given), citations);
  for (const part of text.split(/(?<=\[\d+\])\s*(?:\n|$)/)) {
    const given = Number(/\[(\d+)\]\s*$/.exec(part)?.[1]);
    const citation = citations[given - 1];
    const paragraphs = part.replace(/\s*\[\d+\]\s*$/, "").split(/\n{2,}/).filter((paragraph) => paragraph.trim());
    const passage = citation && bare(citation.text);
    const lead = (index) => bare(paragraphs.slice(index).join("")).length - passage.length;
    const from = citation ? paragraphs.findIndex((_, index) => lead(index) >= 0 && lead(index) <= LONGEST_LEAD && bare(paragraphs.slice(index).join("")).endsWith(passage)) : -1;
    const plain = from < 0 ? paragraphs : [...paragraphs.slice(0, from), ...(lead(from) ? [beginning(paragraphs[from], lead(from))] : [])];
    elements.push(...plain.map((paragraph) => h("p", { class: "prose" }, folded(paragraph).split(/(\[\d+\])/)
      .map((piece) => number(Number(MARK.exec(piece)?.[1])) ?? piece))));
    if (from >= 0) elements.push(excerpt(citation, [], number(given)));
    else if (citation) add(elements.at(-1) ?? elements[elements.push(h("p")) - 1], " ", number(given));
  }
  return elements;
}
