import { download, follow, get, post } from "../api.js";
import { cite } from "../citations.js";
import { bar, button, fill, h } from "../dom.js";
import { duration, list, n, percent, t, when } from "../i18n.js";
import { origin } from "../viewer.js";
import { conceptMap, standing } from "./concepts.js";
import { exam } from "./exam.js";

const SHOWN = 12;

export async function progress(panel, { session, signal }) {
  const [mastery, figures, report, readiness, plan] = await Promise.all([
    get(`/sessions/${session.id}/mastery`, signal), get(`/sessions/${session.id}/analytics`, signal),
    get(`/sessions/${session.id}/session-analysis`, signal), get(`/sessions/${session.id}/readiness`, signal),
    get(`/sessions/${session.id}/plan`, signal),
  ]);
  if (signal.aborted) return;
  const place = h("div", { "aria-live": "polite" });
  const write = async () => {
    const { job_id: jobId } = await post(`/sessions/${session.id}/analyze-session`);
    await follow(jobId, () => {}, signal);
    fill(place, told(await get(`/sessions/${session.id}/session-analysis`, signal)));
  };
  const save = ([id, name]) => button(name, () => download(`/sessions/${session.id}/questions/export?format=${id}`, `questions.${id}`), { class: "quiet" });
  const begun = figures.quiz_attempts + figures.correct_answers + figures.total_interactions > 0;
  fill(panel,
    begun && h("div", { class: "figures" }, [n(figures.quiz_attempts, "{n} quizzes taken"), n(figures.correct_answers, "{n} right answers"),
      n(figures.total_interactions, "{n} steps in lessons and questions"), t("{time} spent", { time: duration(figures.session_duration) })].map((text) => h("div", { class: "card" }, text))),
    exam(session, readiness),
    conceptMap(mastery, plan, session, signal),
    h("h2", {}, t("What you know")), known(mastery, plan?.prerequisites ?? {}, session),
    h("div", { class: "row" }, h("h2", { class: "grow" }, t("How it went")), session.active && button(report ? t("Write it again") : t("Write a report"), write, { class: "quiet" })),
    fill(place, report ? told(report) : h("p", { class: "soft" }, t("A report says what went well and what to go over."))),
    h("h2", {}, t("Take your questions with you")),
    h("p", { class: "soft" }, t("The questions you have answered, with their answers and sources.")),
    h("div", { class: "row" }, [["anki", "Anki"], ["csv", t("Table (CSV)")], ["qti", "QTI"]].map(save)));
}

/** What was asked so far, the least known first, each with what it builds on; and what was not asked yet. */
function known({ concepts, mastered_concepts: mastered }, prerequisites, session) {
  const asked = concepts.filter((row) => row.answers).sort((one, other) => one.probability - other.probability);
  const open = concepts.filter((row) => !row.answers);
  if (!asked.length) return h("p", { class: "soft" }, t("Nothing is known yet: answer a few questions."), " ", h("a", { href: `#sessions/${session.id}/quiz` }, t("Take a quiz")));
  return [
    h("p", { class: "soft" }, t("{mastered} of {all} known well. The line shows how sure that is; it narrows with every answer.", { mastered, all: n(concepts.length, "{n} concepts") })),
    rows(asked.slice(0, SHOWN), prerequisites),
    asked.length > SHOWN && h("details", {}, h("summary", {}, n(asked.length - SHOWN, "{n} more concepts")), rows(asked.slice(SHOWN), prerequisites)),
    open.length > 0 && h("details", {}, h("summary", {}, n(open.length, "{n} concepts not asked yet")), h("p", {}, open.map((row) => h("span", { class: "tag" }, row.concept)))),
  ];
}

function rows(asked, prerequisites) {
  const spoken = (row) => t("{concept}: {share} of questions right, between {low} and {high}", { concept: row.concept, share: percent(row.probability), low: percent(row.low), high: percent(row.high) });
  return h("ul", { class: "mastery" }, asked.map((row) => h("li", {},
    h("div", {}, row.concept, prerequisites[row.concept] && h("div", { class: "soft" }, t("builds on {concepts}", { concepts: list(prerequisites[row.concept]) }))), bar(row.probability, spoken(row), row.low, row.high),
    h("span", { class: "soft" }, `${standing(row)[1]}, ${n(row.answers, "{n} answers")}`))));
}

function told(report) {
  const items = (title, found) => found.length > 0 && [h("h3", {}, title), h("ul", {}, found.map((item) => h("li", {}, h("strong", {}, item.topic), ` ${item.reason} `, differing(item.citations).slice(0, 2).map((citation) => [cite(citation, undefined, item.citations), " "]))))];
  return [h("p", { class: "prose" }, report.overview, " ", h("span", { class: "soft" }, when(report.created_at))), items(t("Went well"), report.strengths), items(t("Gaps"), report.gaps), items(t("Go over again"), report.review),
    report.next_steps.length > 0 && [h("h3", {}, t("Next")), h("ul", {}, report.next_steps.map((step) => h("li", {}, step)))]];
}

/** One citation for each place that is named, as two of one page would read the same. */
function differing(citations) {
  return [...new Map(citations.map((citation) => [origin(citation), citation])).values()];
}
