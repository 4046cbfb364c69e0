import { all, change, download, follow, get, post } from "../api.js";
import { cite } from "../citations.js";
import { bar, button, fill, form, h, plural, say } from "../dom.js";

const STATES = { completed: "ready", failed: "failed", pending: "waiting", processing: "working" };

export async function material(panel, { session, signal }) {
  const rows = h("ul", { class: "rows" });
  const analysis = h("div");
  const following = new Set();
  const progressOf = new Map();

  async function refresh() {
    const documents = await all(`/sessions/${session.id}/documents`, 2000);
    if (signal.aborted) return;
    fill(rows, documents.map(row));
    if (!documents.length) fill(rows, h("li", { class: "soft" }, "Nothing yet. PDF, Word, PowerPoint, Markdown, web pages and notebooks are welcome."));
    for (const jobId of new Set(documents.filter((entry) => STATES[entry.status] === "working" || entry.status === "pending").map((entry) => entry.job_id))) {
      if (jobId) watch(jobId);
    }
    const known = await get(`/sessions/${session.id}/analysis`, signal);
    drawAnalysis(analysis, known, session, documents.length);
    if (["pending", "processing"].includes(known.status) && documents.length) setTimeout(refreshed, 1500);
  }

  /** Refresh behind the learner's back: nobody waits for it, and leaving the view is no failure. */
  async function refreshed() {
    if (signal.aborted) return;
    await refresh().catch((error) => signal.aborted || say(error.message, "bad"));
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
      say(error.message, "bad");
    }
    following.delete(jobId);
    await refreshed();
  }

  function row(entry) {
    const busyNow = entry.status === "processing" || entry.status === "pending";
    const place = h("div", { "data-job": busyNow ? entry.job_id : null });
    if (busyNow) drawProgress(place, progressOf.get(entry.job_id) ?? { progress: entry.progress, stage: entry.stage });
    return h("li", { "data-document": entry.id },
      h("div", { class: "row" }, h("strong", { class: "grow" }, entry.filename),
        h("span", { class: "soft" }, [entry.page_count ? plural(entry.page_count, "page") : null, size(entry.size)].filter(Boolean).join(" · ")),
        h("span", { class: `tag ${entry.status}` }, STATES[entry.status] ?? entry.status),
        entry.status === "failed" && session.active && button("Try again", () => retry(entry)),
        button("Download", () => download(`/documents/${entry.id}/file`, entry.filename), { class: "quiet" }),
        button("Delete", () => remove(entry), { class: "quiet danger" })),
      entry.error && h("p", { class: "bad-text" }, entry.error.detail), place);
  }

  async function retry(entry) {
    const { job_id: jobId } = await post(`/documents/${entry.id}/retry`);
    await refresh();
    watch(jobId);
  }

  async function remove(entry) {
    if (!confirm(`Delete ${entry.filename} and every question, answer and passage made from it?`)) return;
    await change("DELETE", `/documents/${entry.id}`);
    await refresh();
  }

  async function send(files) {
    if (!files.length) return;
    const body = new FormData();
    for (const file of files) body.append("files", file);
    const answer = await post(`/sessions/${session.id}/documents`, body);
    const refused = answer.documents.filter((entry) => entry.error || entry.duplicate);
    if (refused.length) say(answer.messages.filter((_, index) => answer.documents[index].error || answer.documents[index].duplicate).join(" "), "bad");
    await refresh();
    if (answer.job_id) watch(answer.job_id);
  }

  fill(panel, session.active && drop(send), h("h2", {}, "Documents"), rows, search(session), analysis);
  await refresh();
}

function drawProgress(place, job) {
  const share = (job.progress ?? 0) / 100;
  fill(place, bar(share, `${Math.round(share * 100)} per cent`), h("span", { class: "soft" }, `${job.stage || "waiting for a worker"} · ${Math.round(share * 100)} %`));
}

function size(bytes) {
  return bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function drop(send) {
  const input = h("input", { type: "file", id: "files", name: "files", multiple: true, class: "hidden" });
  const label = h("label", { for: "files", class: "drop" }, h("strong", {}, "Add material"), h("span", { class: "soft" }, "Choose files, or drop them here."), input);
  const run = async (files) => {
    label.setAttribute("aria-busy", "true");
    try {
      await send([...files]);
    } catch (error) {
      say(error.message, "bad");
    } finally {
      label.removeAttribute("aria-busy");
      input.value = "";
    }
  };
  input.addEventListener("change", () => run(input.files));
  label.addEventListener("dragover", (event) => { event.preventDefault(); label.classList.add("over"); });
  label.addEventListener("dragleave", () => label.classList.remove("over"));
  label.addEventListener("drop", (event) => { event.preventDefault(); label.classList.remove("over"); run(event.dataTransfer.files); });
  return label;
}

function search(session) {
  const hits = h("ol", { class: "hits", "aria-live": "polite" });
  const look = async (data) => {
    const found = await post(`/sessions/${session.id}/search`, { query: data.get("query"), limit: 8 });
    fill(hits, found.hits.map(({ citation }) => h("li", {}, h("span", {}, citation.text.slice(0, 300), citation.text.length > 300 ? " … " : " "), cite(citation))));
    if (!found.hits.length) fill(hits, h("li", { class: "soft" }, "Nothing in your material matches."));
  };
  return h("details", { class: "card" }, h("summary", {}, "Search the material"),
    form({ class: "row grow" }, look, h("input", { name: "query", type: "search", required: true, maxlength: 2000, "aria-label": "Search for" }), h("button", { type: "submit" }, "Search")), hits);
}

function drawAnalysis(place, known, session, documents) {
  if (!documents) return fill(place);
  if (!known.has_analysis) {
    const text = { failed: "The analysis failed. Try a document again, or add another.", timeout: "The analysis took too long." }[known.status];
    return fill(place, h("p", { class: "soft" }, text ?? "What the material is about appears here as soon as it is read."));
  }
  const { summary, concepts, terms } = known.analysis;
  return fill(place, h("h2", {}, "What it is about"),
    h("p", { class: "prose" }, summary.map((sentence) => [sentence.text, " ", cite(sentence, "source"), " "])),
    h("h2", {}, "Key terms"),
    h("dl", { class: "terms" }, terms.slice(0, 16).map((term) => [h("dt", {}, term.term), h("dd", {}, term.definition, " ", cite(term.citation, "source"))])),
    h("p", {}, concepts.slice(0, 12).map((concept) => h("span", { class: "tag" }, concept.name))),
    h("a", { class: "button", href: `#sessions/${session.id}/lesson` }, "Begin the lesson"));
}
