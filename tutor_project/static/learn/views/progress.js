import { download, follow, get, post } from "../api.js";
import { cite } from "../citations.js";
import { bar, button, duration, fill, h, percent, plural, when } from "../dom.js";

export async function progress(panel, { session, signal }) {
  const [mastery, figures, report] = await Promise.all([
    get(`/sessions/${session.id}/mastery`, signal), get(`/sessions/${session.id}/analytics`, signal),
    get(`/sessions/${session.id}/session-analysis`, signal).catch((error) => { if (error.status === 404) return null; throw error; }),
  ]);
  const place = h("div");
  const write = async () => {
    const { job_id: jobId } = await post(`/sessions/${session.id}/analyze-session`);
    await follow(jobId, () => {}, signal);
    fill(place, drawn(await get(`/sessions/${session.id}/session-analysis`, signal)));
  };
  const save = (format) => button(format.name, () => download(`/sessions/${session.id}/questions/export?format=${format.id}`, `questions.${format.id}`), { class: "quiet" });
  fill(panel,
    h("div", { class: "figures" }, figure(plural(figures.quiz_attempts, "quiz taken", "quizzes taken")), figure(plural(figures.correct_answers, "right answer")),
      figure(plural(figures.total_interactions, "interaction")), figure(`${duration(figures.session_duration)} spent`)),
    h("h2", {}, "What you know"),
    mastery.concepts.length === 0 ? h("p", { class: "soft" }, "Nothing is known yet: answer a few questions.") : [
      h("p", { class: "soft" }, `${mastery.mastered_concepts} of ${plural(mastery.concepts.length, "concept")} mastered. The line shows how sure that is; it narrows with every answer.`),
      table(mastery.concepts)],
    h("div", { class: "row" }, h("h2", { class: "grow" }, "How it went"), session.active && button(report ? "Write it again" : "Write a report", write, { class: "quiet" })),
    fill(place, report ? drawn(report) : h("p", { class: "soft" }, "A report says what went well and what to go over.")),
    h("h2", {}, "Take your questions with you"),
    h("p", { class: "soft" }, "The questions you have answered, with their answers and sources."),
    h("div", { class: "row" }, [{ id: "anki", name: "Anki" }, { id: "csv", name: "Table (CSV)" }, { id: "qti", name: "QTI" }].map(save)));
}

function figure(text) {
  return h("div", { class: "card" }, text);
}

function table(concepts) {
  const known = (row) => `${row.concept}: ${percent(row.probability)}, between ${percent(row.low)} and ${percent(row.high)}`;
  const rows = [...concepts].sort((one, other) => other.answers - one.answers || one.probability - other.probability);
  const drawn = (row) => h("tr", {}, h("th", { scope: "row" }, row.concept), h("td", { class: "wide" }, bar(row.probability, known(row), row.low, row.high)),
    h("td", {}, percent(row.probability)), h("td", { class: "soft" }, row.mastered ? "mastered" : row.answers ? plural(row.answers, "answer") : "not asked yet"));
  const head = h("tr", {}, ["Concept", "Chance of a right answer", "", ""].map((name) => h("th", { scope: "col" }, name)));
  return [h("table", {}, h("thead", {}, head), h("tbody", {}, rows.slice(0, 12).map(drawn))),
    rows.length > 12 && h("details", {}, h("summary", {}, `${plural(rows.length - 12, "more concept")}`), h("table", {}, h("tbody", {}, rows.slice(12).map(drawn))))];
}

function drawn(report) {
  const list = (title, items) => items.length > 0 && [h("h3", {}, title), h("ul", {}, items.map((item) => h("li", {}, h("strong", {}, item.topic), ` ${item.reason} `, item.citations.slice(0, 2).map((citation) => cite(citation)))))];
  return [h("p", { class: "prose" }, report.overview, " ", h("span", { class: "soft" }, when(report.created_at))), list("Went well", report.strengths), list("Gaps", report.gaps), list("Go over again", report.review),
    report.next_steps.length > 0 && [h("h3", {}, "Next"), h("ul", {}, report.next_steps.map((step) => h("li", {}, step)))]];
}
