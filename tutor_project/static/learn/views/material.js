import { all, change, download, follow, get, post } from "../api.js";
import { cite } from "../citations.js";
import { bar, busy, button, complain, field, fill, form, h, say } from "../dom.js";
import { n, percent, size, t } from "../i18n.js";
import { beginLesson } from "./lesson.js";

const STAGES = { extract: t("reading"), chunk: t("finding its parts"), embed: t("making it searchable"), read: t("looking at what it is about"), analyse: t("looking at what it is about") };

/** Faults of the file itself: reading it once more finds the same. */
const FAULTS_OF_THE_FILE = new Set(["unsupported_type", "type_mismatch", "empty_file", "corrupt_file", "encrypted_file", "no_text_layer", "xfa_form",
  "pdf_portfolio", "unreadable_fonts", "no_pages", "formulas_not_computed", "too_many_pages", "file_too_large", "expanded_too_large", "hostile_archive", "unsafe_markup"]);
const ALWAYS_SHOWN_TERMS = 8;

export async function material(panel, { session, signal }) {
  const rows = h("ul", { class: "rows documents" });
  const analysis = h("div");
  const following = new Set();
  const progressOf = new Map();
  let shown = "";

  async function refresh() {
    const documents = (await all(`/sessions/${session.id}/documents`, 2000)).sort((one, other) => one.uploaded_at.localeCompare(other.uploaded_at));
    if (signal.aborted) return;
    fill(rows, documents.map(row));
    rows.hidden = !documents.length;
    for (const jobId of new Set(documents.filter(working).map((entry) => entry.job_id))) {
      if (jobId) watch(jobId);
    }
    const known = await get(`/sessions/${session.id}/analysis`, signal);
    if (signal.aborted) return;
    const told = JSON.stringify([known, documents.map((entry) => entry.id)]);
    if (told !== shown) drawAnalysis(analysis, known, session, documents); // what is the same keeps the focus
    shown = told;
    if (["pending", "processing"].includes(known.status) && documents.length) setTimeout(refreshed, 1500);
  }

  /** Refresh behind the learner's back: nobody waits for it, and leaving the view is no failure. */
  async function refreshed() {
    if (signal.aborted) return;
    await refresh().catch((error) => signal.aborted || complain(error));
  }

  async function watch(jobId) {
    if (following.has(jobId)) return;
    following.add(jobId);
    try {
      await follow(jobId, (job) => {
        progressOf.set(jobId, job);
        for (const place of rows.querySelectorAll(`[data-job="${jobId}"]`)) drawProgress(place, job);
      }, signal);
    } catch (error) {
      if (signal.aborted) return;
      complain(error);
    }
    following.delete(jobId);
    await refreshed();
  }

  function row(entry) {
    const place = h("div", { "data-job": working(entry) ? entry.job_id : null });
    if (working(entry)) drawProgress(place, { progress: entry.progress, stage: entry.stage, ...progressOf.get(entry.job_id) }, entry);
    return h("li", { "data-document": entry.id },
      h("div", { class: "row" }, h("strong", { class: "grow" }, entry.filename),
        entry.status === "failed" && h("span", { class: "tag bad" }, t("could not be read")),
        h("span", { class: "soft" }, [entry.page_count > 1 ? n(entry.page_count, "{n} pages") : null, size(entry.size)].filter(Boolean).join(" · ")),
        entry.status === "failed" && session.active && !FAULTS_OF_THE_FILE.has(entry.error?.code) && button(t("Try again"), () => retry(entry)),
        h("details", { class: "menu" }, h("summary", { "aria-label": t("Menu of {name}", { name: entry.filename }) }, "⋯"),
          h("div", {}, button(t("Download"), () => download(`/documents/${entry.id}/file`, entry.filename), { class: "quiet" }),
            button(t("Delete"), () => remove(entry), { class: "quiet danger" })))),
      entry.error && h("p", { class: "bad-text" }, entry.error.detail),
      entry.warnings.length > 0 && h("details", { class: "warnings" }, h("summary", {}, n(entry.warnings.length, "{n} things to know about it")),
        h("ul", {}, entry.warnings.map((warning) => h("li", {}, warning.page && `${t("page {page}", { page: warning.page })}: `, warning.detail)))),
      place);
  }

  async function retry(entry) {
    const { job_id: jobId } = await post(`/documents/${entry.id}/retry`);
    await refresh();
    watch(jobId);
  }

  async function remove(entry) {
    if (!confirm(t("Delete {name} and every question, answer and passage made from it?", { name: entry.filename }))) return;
    await change("DELETE", `/documents/${entry.id}`);
    await refresh();
  }

  async function send(files) {
    if (!files.length) return;
    const body = new FormData();
    for (const file of files) body.append("files", file);
    const answer = await post(`/sessions/${session.id}/documents`, body);
    const refused = answer.messages.filter((_, index) => answer.documents[index].error || answer.documents[index].duplicate);
    if (refused.length) say(refused.join(" "), "bad");
    await refresh();
    if (answer.job_id) watch(answer.job_id);
  }

  fill(panel, session.active && upload(send, signal), rows, analysis, search(session));
  await refresh();
}

function working(entry) {
  return entry.status === "processing" || entry.status === "pending";
}

function drawProgress(place, job) {
  const share = (job.progress ?? 0) / 100;
  fill(place, bar(share, percent(share)), h("span", { class: "soft" }, doing(job, share)));
}

/** What is done to a document now, in a learner's words: pages are counted, other stages show their share. */
function doing(job, share) {
  if (job.stage === "extract" && job.total > 1) return t("reading page {page} of {pages}", { page: Math.min(job.done + 1, job.total), pages: job.total });
  return STAGES[job.stage] ? `${STAGES[job.stage]}, ${percent(share)}` : t("waiting for its turn");
}

/** The ways in: choosing files, dropping them anywhere on the page, and pasting text. */
function upload(send, signal) {
  const input = h("input", { type: "file", id: "files", name: "files", multiple: true, class: "hidden", tabindex: "-1", "aria-hidden": "true" });
  const choose = h("button", { type: "button", onclick: () => input.click() }, t("Choose files"));
  const paste = form({ id: "paste", hidden: true }, async (data, element) => {
    const title = data.get("title").trim();
    await send([new File([data.get("text")], `${title}.txt`, { type: "text/plain" })]);
    element.reset();
    element.hidden = true;
    choose.focus();
  }, field(t("Name of the text"), { name: "title", required: true, maxlength: 120 }),
  field(t("The text"), { name: "text", required: true, rows: 8 }, h("textarea")),
  h("button", { type: "submit" }, t("Add the text")));
  const place = h("div", { class: "drop", role: "group", "aria-label": t("Add material") },
    h("p", {}, h("span", { class: "pointed" }, t("Drop files anywhere on this page:"), " "), t("PDF, Word, PowerPoint, Markdown, web pages, notebooks …")),
    h("div", { class: "row" }, choose, h("button", { type: "button", class: "quiet", onclick: () => {
      paste.hidden = !paste.hidden;
      if (!paste.hidden) paste.elements.title.focus();
    } }, t("Paste text"))), input);
  const run = async (files) => {
    place.setAttribute("aria-busy", "true");
    await busy(choose, () => send([...files]));
    place.removeAttribute("aria-busy");
    input.value = "";
  };
  input.addEventListener("change", () => run(input.files));
  const over = (is) => (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    document.body.classList.toggle("dropping", is);
  };
  addEventListener("dragover", over(true), { signal });
  addEventListener("dragleave", (event) => event.relatedTarget || over(false)(event), { signal });
  addEventListener("drop", (event) => {
    over(false)(event);
    if (event.dataTransfer?.files.length) run(event.dataTransfer.files);
  }, { signal });
  return [place, paste];
}

function search(session) {
  const hits = h("ol", { class: "hits", "aria-live": "polite" });
  const look = async (data) => {
    const found = await post(`/sessions/${session.id}/search`, { query: data.get("query"), limit: 8 });
    const citations = found.hits.map(({ citation }) => citation);
    fill(hits, citations.map((citation) => h("li", {}, h("span", {}, citation.text.length > 300 ? `${citation.text.slice(0, 300)} … ` : `${citation.text} `), cite(citation, undefined, citations))));
    if (!citations.length) fill(hits, h("li", { class: "soft" }, t("Nothing in your material matches.")));
  };
  return h("details", { class: "card" }, h("summary", {}, t("Search the material")),
    form({ class: "row grow" }, look, h("input", { name: "query", type: "search", required: true, maxlength: 2000, "aria-label": t("Search for") }), h("button", { type: "submit" }, t("Search"))), hits);
}

function drawAnalysis(place, known, session, documents) {
  if (!documents.length) return fill(place);
  if (!known.has_analysis) {
    const read = !documents.some(working);
    const text = { failed: t("What it is about could not be found out. Try a document again, or add another."), timeout: t("Finding out what it is about took too long.") }[known.status];
    const waiting = read ? t("Finding out what it is about …") : t("What the material is about appears here as soon as it is read.");
    return fill(place, h("p", { class: text || !read ? "soft" : "soft working" }, text ?? waiting));
  }
  const { summary, terms } = known.analysis;
  const told = documents.map((entry) => [entry, summary.filter((sentence) => sentence.document_id === entry.id)]).filter(([, sentences]) => sentences.length);
  return fill(place,
    told.length > 0 && h("div", { class: "row" }, h("h2", { class: "grow" }, t("What it is about")), session.active && beginLesson(session)),
    told.map(([entry, sentences]) => [told.length > 1 && h("h3", {}, entry.filename),
      h("p", { class: "prose" }, sentences.map((sentence, index) => [sentence.text, " ", cite(sentence, String(index + 1), sentences), " "]))]),
    terms.length > 0 && [h("h2", {}, t("Key terms")), definitions(terms.slice(0, ALWAYS_SHOWN_TERMS)),
      terms.length > ALWAYS_SHOWN_TERMS && h("details", {}, h("summary", {}, n(terms.length - ALWAYS_SHOWN_TERMS, "{n} more terms")), definitions(terms.slice(ALWAYS_SHOWN_TERMS)))]);
}

function definitions(terms) {
  const citations = terms.map((term) => term.citation);
  return h("dl", { class: "terms" }, terms.map((term) => [h("dt", {}, term.term), h("dd", {}, term.definition, " ", cite(term.citation, t("source"), citations))]));
}
