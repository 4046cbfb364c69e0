import { all, change, get, make, post } from "../api.js";
import { fill, form, h, percent, plural, say, when } from "../dom.js";
import { choices, outcome } from "./questions.js";

const KINDS = [["multiple_choice", "Choice"], ["true_false", "True or false"], ["cloze", "Gaps"], ["short_answer", "Short answers"], ["numeric", "Numbers"]];
const SAVE_AFTER = 700;

export async function quiz(panel, { session, signal }) {
  const latest = await get(`/sessions/${session.id}/quiz`, signal);
  const past = await all(`/sessions/${session.id}/quizzes`, 50);
  if (signal.aborted) return;
  const stage = h("div");
  const again = () => quiz(panel, { session, signal });
  fill(panel, session.active && request(session, again), stage, past.length > 1 && h("details", { class: "card" }, h("summary", {}, "Earlier quizzes"),
    h("ul", {}, past.slice(1).map((entry) => h("li", {}, h("button", { type: "button", class: "quiet", onclick: () => open(stage, entry, session, signal, again) },
      `${entry.title}, ${plural(entry.questions.length, "question")}, ${when(entry.created_at)}`))))));
  if (latest) await open(stage, latest, session, signal, again);
  else fill(stage, h("p", { class: "empty" }, "No quiz yet. Every question is checked against your material before you see it."));
}

function request(session, done) {
  return form({ class: "card row grow", id: "new-quiz" }, async (data) => {
    await make(`/sessions/${session.id}/quiz`, { topic: data.get("topic").trim(), question_count: Number(data.get("count")), difficulty: data.get("difficulty") || null, question_types: data.getAll("kind") });
    await done();
  }, h("input", { name: "topic", maxlength: 300, placeholder: "Topic (all of it)", "aria-label": "Topic" }),
  h("input", { name: "count", type: "number", min: 1, max: 50, value: 5, required: true, "aria-label": "Number of questions", class: "short" }),
  h("select", { name: "difficulty", "aria-label": "Difficulty" }, [["", "Any difficulty"], ["easy", "Easy"], ["medium", "Medium"], ["hard", "Hard"]].map(([value, label]) => h("option", { value }, label))),
  h("fieldset", { class: "row" }, h("legend", { class: "hidden" }, "Kinds of questions"), KINDS.map(([value, label]) => h("label", { class: "check" }, h("input", { type: "checkbox", name: "kind", value }), label))),
  h("button", { type: "submit" }, "New quiz"));
}

async function open(stage, shown, session, signal, again) {
  const attempts = await get(`/quizzes/${shown.id}/attempts`, signal);
  if (signal.aborted) return;
  const last = attempts[0];
  if (last?.result && last.status !== "open") return results(stage, shown, last.result, session, () => take(stage, shown, {}, session, again));
  return take(stage, shown, last?.draft ?? {}, session, again);
}

function take(stage, shown, draft, session, again) {
  const began = performance.now();
  const saved = h("span", { class: "soft", role: "status" });
  let waiting = null;
  const answers = (element) => shown.questions.map((question) => {
    const data = new FormData(element);
    return { question_id: question.id, option_id: data.get(`option-${question.id}`) ?? "", text: (data.get(`text-${question.id}`) ?? "").trim() };
  }).filter((answer) => answer.option_id || answer.text);
  const submit = async (_, element) => {
    clearTimeout(waiting);
    const given = answers(element);
    const open = shown.questions.length - given.length;
    if (open && !confirm(`${plural(open, "question")} without an answer. Hand in all the same?`)) return;
    const result = await post(`/quizzes/${shown.id}/submit`, { answers: given, total_time_taken_seconds: (performance.now() - began) / 1000 });
    results(stage, shown, result, session, () => take(stage, shown, {}, session, again));
  };
  const paper = form({ id: "quiz" }, submit, h("h2", {}, shown.title), h("p", { class: "soft" }, `${shown.description} About ${plural(shown.estimated_completion_time_minutes, "minute")}; ${shown.passing_score} % passes.`),
    shown.questions.map((question) => h("fieldset", { class: "card question" }, h("legend", {}, `${question.index + 1}. ${question.question}`),
      choices(question, `option-${question.id}`, `text-${question.id}`, draft[question.id]), h("span", { class: "tag" }, question.difficulty))),
    h("div", { class: "row" }, h("button", { type: "submit", disabled: !session.active }, "Hand in"), saved));
  paper.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      try {
        await change("PATCH", `/quizzes/${shown.id}/attempts`, { answers: answers(paper) });
        fill(saved, "Your answers are kept.");
      } catch (error) {
        fill(saved, `Not kept: ${error.message}`);
      }
    }, SAVE_AFTER);
  });
  fill(stage, paper);
}

function results(stage, shown, result, session, retake) {
  fill(stage, h("div", { class: `card call ${result.passed ? "good" : ""}`, id: "result" },
    h("h2", {}, `${result.correct_answers} of ${result.total_questions} right, ${percent(result.score_percentage / 100)}`),
    h("p", {}, result.overall_feedback),
    result.pending_review > 0 && h("p", {}, `${plural(result.pending_review, "answer")} waiting for a person; your points can only grow.`),
    result.next_steps.length > 0 && h("ul", {}, result.next_steps.map((step) => h("li", {}, step))),
    session.active && h("button", { type: "button", class: "quiet", onclick: retake }, "Take it again")),
  result.feedback_items.map(outcome));
  stage.scrollIntoView({ block: "start" });
  say("Handed in and graded.", "good");
}
