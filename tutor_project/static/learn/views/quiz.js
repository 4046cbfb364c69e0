import { all, change, get, make, onceConnected, post } from "../api.js";
import { button, field, fill, form, h, say, select } from "../dom.js";
import { n, number, percent, t, when } from "../i18n.js";
import { cards } from "./flashcards.js";
import { choices, outcome } from "./questions.js";

const KINDS = [["multiple_choice", t("Choice")], ["true_false", t("True or false")], ["cloze", t("Gaps")], ["short_answer", t("Short answers")], ["numeric", t("Numbers")]];
const SAVE_AFTER = 700;
const ONE_BY_ONE = "tutor-one-by-one"; // how this person likes to take quizzes

/** Practice: quizzes, taken whole or one question at a time, and flashcards. */
export async function quiz(panel, { session, signal, fresh = false }) {
  const [latest, past] = await Promise.all([get(`/sessions/${session.id}/quiz`, signal), all(`/sessions/${session.id}/quizzes`, 50)]);
  if (signal.aborted) return;
  const stage = h("div");
  const again = () => quiz(panel, { session, signal, fresh: true });
  fill(panel, session.active && request(session, signal, again), stage,
    past.length > 1 && h("details", { class: "card" }, h("summary", {}, t("Earlier quizzes")),
      h("ul", {}, past.slice(1).map((entry) => h("li", {}, button(`${entry.title}, ${n(entry.questions.length, "{n} questions")}, ${when(entry.created_at)}`,
        () => open(stage, entry, session, signal), { class: "quiet" }))))),
    cards(session, signal));
  if (!latest) fill(stage, h("p", { class: "empty" }, t("No quiz yet. Every question is checked against your material before you see it.")));
  else await open(stage, latest, session, signal);
  if (latest && fresh) begin(stage);
}

function request(session, signal, done) {
  return form({ class: "card row grow", id: "new-quiz" }, async (data) => {
    await make(`/sessions/${session.id}/quiz`, { topic: data.get("topic").trim(), question_count: Number(data.get("question_count")), difficulty: data.get("difficulty") || null, question_types: data.getAll("kind") }, undefined, signal);
    await done();
  }, field(t("A topic, or nothing for all of it"), { name: "topic", maxlength: 300 }),
  field(t("Questions"), { name: "question_count", type: "number", min: 1, max: 50, value: 5, required: true, class: "short" }),
  field(t("Difficulty"), { name: "difficulty" }, select([["", t("Any")], ["easy", t("Easy")], ["medium", t("Medium")], ["hard", t("Hard")]])),
  h("button", { type: "submit" }, t("New quiz")),
  h("details", { class: "kinds" }, h("summary", {}, t("Kinds of questions")), h("fieldset", { class: "row" }, h("legend", { class: "hidden" }, t("Kinds of questions")),
    KINDS.map(([value, label]) => h("label", { class: "check" }, h("input", { type: "checkbox", name: "kind", value }), label)))));
}

async function open(stage, shown, session, signal) {
  const [last] = await get(`/quizzes/${shown.id}/attempts`, signal);
  if (signal.aborted) return;
  if (last?.result && last.status !== "open") results(stage, shown, { ...last.result, attempt_id: last.id }, session);
  else take(stage, shown, last, session);
}

/** Go to the first question. */
function begin(stage) {
  stage.scrollIntoView({ block: "start" });
  stage.querySelector(".question input, .question textarea")?.focus({ preventScroll: true });
}

/** Take another attempt, with all the questions or with those that were missed. */
async function retake(stage, shown, session, onlyMissed) {
  const attempt = await post(`/quizzes/${shown.id}/attempts`, { only_missed: onlyMissed });
  take(stage, shown, attempt, session);
  begin(stage);
}

function take(stage, shown, attempt, session) {
  const began = performance.now();
  const draft = attempt?.draft ?? {};
  const asked = attempt?.question_ids.length ? shown.questions.filter((question) => attempt.question_ids.includes(question.id)) : shown.questions;
  const saved = h("span", { class: "soft", role: "status" });
  let waiting = null;

  const answers = () => asked.map((question) => {
    const data = new FormData(paper);
    return { question_id: question.id, option_id: data.get(`option-${question.id}`) ?? "", text: (data.get(`text-${question.id}`) ?? "").trim() };
  }).filter((answer) => answer.option_id || answer.text);

  const submit = async () => {
    clearTimeout(waiting);
    const given = answers();
    const left = asked.length - given.length;
    if (left && !confirm(`${n(left, "{n} questions without an answer.")} ${t("Hand in all the same?")}`)) return;
    const result = await post(`/quizzes/${shown.id}/submit`, { answers: given, total_time_taken_seconds: (performance.now() - began) / 1000 });
    results(stage, shown, result, session);
    stage.scrollIntoView({ block: "start" });
    stage.querySelector("h2").focus({ preventScroll: true });
    say(t("Handed in and graded."), "good");
  };

  const questions = asked.map((question, index) => h("div", { class: "card question" },
    choices(question, `option-${question.id}`, `text-${question.id}`, draft[question.id], [h("span", { class: "soft" }, `${number(index + 1)}. `), question.question])));
  const single = h("input", { type: "checkbox", checked: localStorage.getItem(ONE_BY_ONE) !== null });
  const hand = h("button", { type: "submit", disabled: !session.active }, t("Hand in"));
  let at = 0;
  const move = (step) => {
    at = Math.min(asked.length - 1, Math.max(0, at + step));
    arrange();
    questions[at].querySelector("input:checked, input, textarea")?.focus();
  };
  const before = h("button", { type: "button", class: "quiet", onclick: () => move(-1) }, t("Back"));
  const after = h("button", { type: "button", onclick: () => move(1) }, t("Next question"));
  const place = h("span", { class: "soft", role: "status" });
  const arrange = () => {
    const one = single.checked;
    questions.forEach((element, index) => { element.hidden = one && index !== at; });
    before.hidden = !one || at === 0;
    after.hidden = !one || at === asked.length - 1;
    hand.hidden = one && at < asked.length - 1;
    fill(place, one && t("Question {number} of {all}", { number: number(at + 1), all: number(asked.length) }));
  };
  single.addEventListener("change", () => {
    if (single.checked) localStorage.setItem(ONE_BY_ONE, "yes");
    else localStorage.removeItem(ONE_BY_ONE);
    arrange();
  });

  const paper = form({ id: "quiz" }, submit, h("div", { class: "row" }, h("h2", { class: "grow" }, shown.title), h("label", { class: "check" }, single, t("One question at a time"))),
    h("p", { class: "soft" }, [n(asked.length, "{n} questions"), asked.length === shown.questions.length && t("about {minutes}", { minutes: n(shown.estimated_completion_time_minutes, "{n} minutes") }),
      t("{share} passes", { share: percent(shown.passing_score / 100) })].filter(Boolean).join(" · "), h("span", { class: "keys" }, ` · ${t("the keys 1 to 9 choose an answer")}`)),
    questions, h("div", { class: "row" }, before, after, hand, place, saved));
  // Enter in a line of text goes on to the next question instead of handing in.
  paper.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT" || after.hidden) return;
    event.preventDefault();
    move(1);
  });
  const keep = async () => {
    if (!paper.isConnected) return;
    try {
      await change("PATCH", `/quizzes/${shown.id}/attempts`, { answers: answers() });
      fill(saved, t("Your answers are kept."));
    } catch (error) {
      fill(saved, t("Not kept: {reason}", { reason: error.message }));
      if (error.unreachable) onceConnected(keep);
    }
  };
  paper.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(keep, SAVE_AFTER);
  });
  arrange();
  fill(stage, paper);
}

function results(stage, shown, result, session) {
  const missed = result.feedback_items.filter((item) => item.is_correct !== true).length;
  const more = session.active && result.attempts_left !== 0;
  fill(stage, h("div", { class: `card call ${result.passed ? "good" : ""}`, id: "result" },
    h("h2", { tabindex: "-1" }, result.passed ? t("Passed") : t("Not passed yet")),
    h("p", {}, result.overall_feedback),
    result.next_steps.length > 0 && h("ul", {}, result.next_steps.map((step) => h("li", {}, step))),
    h("div", { class: "row" },
      more && missed > 0 && missed < result.total_questions && button(t("Only the missed ones again"), () => retake(stage, shown, session, true)),
      more && button(t("Take it again"), () => retake(stage, shown, session, false), { class: "quiet" }),
      h("a", { href: `#sessions/${session.id}/ask` }, t("Ask about it")),
      h("a", { href: `#sessions/${session.id}/progress` }, t("See your progress")))),
  result.feedback_items.map((item) => outcome(item, result.attempt_id)));
}
