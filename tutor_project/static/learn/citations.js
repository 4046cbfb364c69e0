// Where a sentence comes from: the passage in the stored text of its page, highlighted to the character.

import { download, get } from "./api.js";
import { add, button, fill, h, say } from "./dom.js";

const AROUND = 700;
const texts = new Map();

function content(documentId) {
  if (!texts.has(documentId)) {
    const asked = get(`/documents/${documentId}/content?type=text_only`);
    asked.catch(() => texts.delete(documentId));
    texts.set(documentId, asked);
  }
  return texts.get(documentId);
}

/** Forget stored texts, as when somebody else signs in. */
export function forgetTexts() {
  texts.clear();
}

/** The place of a code point in a string of UTF-16 units: the API counts code points. */
export function unitsAt(text, codePoints, fromUnits = 0, fromPoints = 0) {
  let units = fromUnits;
  for (let points = fromPoints; points < codePoints && units < text.length; points += 1) {
    units += text.codePointAt(units) > 0xffff ? 2 : 1;
  }
  return units;
}

export function pages(citation) {
  const { page_start: first, page_end: last } = citation;
  return first === last ? `page ${first}` : `pages ${first}–${last}`;
}

async function open(citation) {
  const drawer = document.getElementById("source");
  fill(drawer, h("p", { class: "soft" }, "Looking it up …"));
  if (!drawer.open) drawer.showModal();
  try {
    const stored = await content(citation.document_id);
    const start = unitsAt(stored.text, citation.char_start);
    const end = unitsAt(stored.text, citation.char_end, start, citation.char_start);
    const from = Math.max(0, stored.text.lastIndexOf("\n", Math.max(0, start - AROUND)));
    const space = stored.text.indexOf(" ", end + AROUND);
    const to = space < 0 ? stored.text.length : space;
    const mark = h("mark", {}, stored.text.slice(start, end));
    fill(
      drawer,
      h("header", { class: "row" }, h("h2", {}, citation.filename), h("span", { class: "tag" }, pages(citation))),
      h("div", { class: "passage", tabindex: "0" }, from > 0 ? "… " : "", stored.text.slice(from, start), mark,
        stored.text.slice(end, to), to < stored.text.length ? " …" : ""),
      h("footer", { class: "row" },
        button("Download the file", () => download(`/documents/${citation.document_id}/file`, citation.filename), { class: "quiet" }),
        h("form", { method: "dialog" }, h("button", { autofocus: true }, "Close"))),
    );
    mark.scrollIntoView({ block: "center" });
  } catch (error) {
    drawer.close();
    say(error.message, "bad");
  }
}

/** A button that shows one citation. */
export function cite(citation, label = null) {
  return h("button", { type: "button", class: "cite", title: `${citation.filename}, ${pages(citation)}`,
    "aria-label": `Source: ${citation.filename}, ${pages(citation)}`, onclick: () => open(citation) },
  label ?? `${citation.filename}, ${pages(citation)}`);
}

/** The text as paragraphs, its marks [1], [2] … turned into buttons that show the citation. */
export function cited(text, citations = []) {
  return text.split(/\n{2,}/).map((paragraph) => {
    const element = h("p", { class: "prose" });
    for (const piece of paragraph.split(/(\[\d+\])/)) {
      const number = /^\[(\d+)\]$/.exec(piece)?.[1];
      const citation = number ? citations[Number(number) - 1] : undefined;
      add(element, citation ? cite(citation, number) : piece);
    }
    return element;
  });
}
