// Where a sentence comes from: the page as it looks, the words lit up on it, and the text of the page beside it.

import { download, get, patiently } from "./api.js";
import { drawn, folded, scrolling } from "./blocks.js";
import { add, button, complain, fill, h } from "./dom.js";
import { content, details } from "./documents.js";
import { t } from "./i18n.js";
import { picture } from "./pictures.js";

const AROUND = 12; // blocks shown before and after the passage when a page is long
const LONG_PAGE = 40;
const WIDTH = 1200;

const viewer = document.getElementById("source");
let shown = new AbortController();
let large = false; // whether pages are drawn wider than their place, to be read

export function pages({ page_start: first, page_end: last }) {
  return first === last ? t("page {page}", { page: first }) : t("pages {first}–{last}", { first, last });
}

/** Where a citation is from, in words: a page where the document has pages that people count. */
export function origin(citation) {
  return `${citation.filename}, ${pages(citation)}`;
}

/** Open the viewer at one of several citations. */
export function openSources(citations, index = 0) {
  show(citations, index);
  if (!viewer.open) viewer.showModal(); // with the controls in place, the first focus is on one of them
}

export function closeSources() {
  shown.abort();
  viewer.close();
}

viewer.addEventListener("close", () => shown.abort());
viewer.addEventListener("click", (event) => event.target === viewer && closeSources());
viewer.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: "[data-step='-1']", ArrowRight: "[data-step='1']" }[event.key];
  if (step && !event.target.closest(".scrolling, pre, .formula")) viewer.querySelector(step)?.click();
});

async function show(citations, index) {
  shown.abort();
  shown = new AbortController();
  const { signal } = shown;
  const citation = citations[index];
  const go = (step, label, sign) => h("button", { type: "button", class: "quiet icon", "data-step": step, "aria-label": label,
    disabled: !citations[index + step], onclick: () => { show(citations, index + step); viewer.querySelector(`[data-step='${step}']:not(:disabled)`)?.focus(); } }, sign);
  const body = h("div", { class: "viewer-body" }, h("p", { class: "soft" }, t("Looking it up …")));
  const enlarge = h("button", { type: "button", class: "quiet", hidden: true, "aria-pressed": String(large), onclick: () => {
    large = !large;
    enlarge.setAttribute("aria-pressed", String(large));
    body.classList.toggle("large", large);
    body.querySelector(".lit")?.scrollIntoView({ block: "center", inline: "center" });
  } }, t("Larger page"));
  const title = h("h2", { id: "source-title" }, citation.filename);
  const where = h("p", { class: "soft" });
  fill(viewer,
    h("header", {}, h("div", { class: "grow" }, title, where),
      citations.length > 1 && h("div", { class: "steps-between" }, go(-1, t("Previous source"), "‹"),
        h("span", { role: "status" }, t("Source {number} of {all}", { number: index + 1, all: citations.length })), go(1, t("Next source"), "›")),
      enlarge, button(t("Download the file"), () => download(`/documents/${citation.document_id}/file`, citation.filename), { class: "quiet" }),
      h("button", { type: "button", class: "quiet icon", autofocus: true, "aria-label": t("Close"), onclick: closeSources }, "×")),
    body);
  try {
    const [known, stored] = await Promise.all([details(citation.document_id), content(citation.document_id)]);
    if (signal.aborted) return;
    const text = textOf(stored, citation);
    if (known.page_count > 1) add(where, pages(citation));
    const paged = known.mime_type === "application/pdf";
    body.classList.toggle("paged", paged);
    body.classList.toggle("large", large);
    enlarge.hidden = !paged;
    fill(body, paged && pictures(citation, signal), text);
    text.querySelector("mark")?.scrollIntoView({ block: "center" });
  } catch (error) {
    if (signal.aborted) return;
    closeSources();
    complain(error);
  }
}

/** The text of the cited pages, the passage marked. A long page is shown around the passage. */
function textOf(stored, citation) {
  const { char_start: start, char_end: end } = citation;
  let blocks = stored.blocks.filter((block) => block.page >= citation.page_start && block.page <= citation.page_end);
  if (blocks.length > LONG_PAGE) {
    const inside = blocks.map((block) => block.char_start < end && block.char_end > start);
    blocks = blocks.slice(Math.max(0, inside.indexOf(true) - AROUND), inside.lastIndexOf(true) + 1 + AROUND);
  }
  if (!blocks.length) return scrolling(t("Text"), h("p", {}, h("mark", {}, folded(citation.text))));
  return add(scrolling(t("Text")), drawn(stored, blocks, [[start, end]], 2));
}

function pictures(citation, signal) {
  const place = scrolling(t("The page as it looks"));
  for (let page = citation.page_start; page <= citation.page_end; page += 1) add(place, sheet(citation, page, signal));
  place.classList.add("sheets");
  return place;
}

/** One page with the cited words lit up. The picture says in words what it shows: its text stands beside it. */
function sheet(citation, page, signal) {
  const path = `/documents/${citation.document_id}/pages/${page}`;
  const label = t("Picture of page {page}; its text stands beside it", { page });
  const { canvas, drawn: done } = picture(`${path}/image?width=${WIDTH}`, label, signal);
  const place = h("div", { class: "sheet", "aria-busy": "true" }, canvas);
  const lit = patiently(() => get(`${path}/boxes?char_start=${citation.char_start}&char_end=${citation.char_end}`, signal));
  Promise.all([done, lit]).then(([, { boxes }]) => {
    place.removeAttribute("aria-busy");
    add(place, boxes.map(box));
    if (page === citation.page_start) place.querySelector(".lit")?.scrollIntoView({ block: "center", inline: "center" });
  }).catch((error) => {
    if (!signal.aborted) fill(place, h("p", { class: "soft" }, error.message));
  });
  return place;
}

function box([left, top, right, bottom]) {
  const element = h("div", { class: "lit" });
  const share = (value) => `${100 * value}%`;
  Object.assign(element.style, { left: share(left), top: share(top), width: share(right - left), height: share(bottom - top) });
  return element;
}

