import { post } from "../api.js";
import { cite } from "../citations.js";
import { button, fill, h } from "../dom.js";
import { t } from "../i18n.js";

const KINDS = { multiple_choice: t("choose one"), true_false: t("true or false"), cloze: t("fill the gap"), numeric: t("a number") };

/** The place to answer a sealed question, under its `title`: options (keys 1 to 9 choose), a line of text, or room that grows with what is written. */
export function choices(question, optionName, textName, given = {}, title = question.question) {
  const legend = h("legend", {}, title);
  if (!question.options.length) {
    if (question.kind === "short_answer") {
      // A term or sentences: the question says which, so the place for the answer does not.
      return h("fieldset", {}, legend, h("textarea", { class: "growing", name: textName, maxlength: 2000, rows: 1, "aria-label": t("Your answer") }, given.text ?? ""));
    }
    return h("fieldset", {}, legend, h("input", { name: textName, maxlength: 2000, autocomplete: "off", value: given.text ?? "", "aria-label": t("Your answer"),
      placeholder: KINDS[question.kind] ?? "", inputmode: question.kind === "numeric" ? "decimal" : null }));
  }
  const options = h("div", { class: "options" }, question.options.map((option, index) => h("label", { class: "option" },
    h("input", { type: "radio", name: optionName, value: option.id, checked: given.option_id === option.id }), h("kbd", { "aria-hidden": "true" }, String(index + 1)), h("span", {}, option.text))));
  options.addEventListener("keydown", (event) => {
    const chosen = options.querySelectorAll("input")[Number(event.key) - 1];
    if (chosen && !event.ctrlKey && !event.altKey && !event.metaKey) chosen.click();
  });
  return h("fieldset", {}, legend, options);
}

const VERDICTS = { correct: [t("Right"), "good"], incorrect: [t("Not right"), "bad"], partial: [t("Partly right"), "warn"], needs_review: [t("Not graded for certain"), "warn"], unanswered: [t("Not answered"), "bad"] };

/** What became of one answer. One that waits for a person can be judged by the learner, when the attempt is named. */
export function outcome(item, attemptId = null) {
  const [name, kind] = VERDICTS[item.verdict] ?? [item.verdict, ""];
  const sealed = item.verdict === "unanswered" && item.correct_option === null;
  return h("article", { class: "card outcome" },
    h("div", { class: "row" }, h("h3", { class: "grow" }, item.question_text), h("span", { class: `tag ${kind}` }, name)),
    item.user_selected_option && h("p", {}, t("Your answer: {answer}", { answer: item.user_selected_option })),
    sealed && h("p", { class: "soft" }, t("The answer stays hidden: you can still find it yourself.")),
    item.is_correct !== true && item.correct_option && h("p", {}, t("The answer:"), " ", h("strong", {}, item.correct_option)),
    item.explanation && h("p", { class: "prose" }, item.explanation),
    item.improvement_suggestion && h("p", { class: "soft" }, item.improvement_suggestion),
    item.verdict === "needs_review" && attemptId && assessment(item, attemptId),
    item.citation && cite(item.citation));
}

/** The learner's own verdict on an answer that waits for a person; it can be changed. */
function assessment(item, attemptId) {
  const place = h("div", { class: "row", role: "status" });
  const judge = (label, correct) => button(label, async () => {
    const judged = await post(`/attempts/${attemptId}/answers/${item.question_id}/self-assessment`, { correct });
    item.self_assessed = judged.self_assessed;
    draw();
    place.querySelector("[aria-pressed=true]").focus();
  }, { class: "quiet", "aria-pressed": String(item.self_assessed === correct) });
  const draw = () => fill(place, h("span", {}, { true: t("You said: right."), false: t("You said: not right.") }[item.self_assessed] ?? t("Was your answer right?")),
    judge(t("It was right"), true), judge(t("It was not"), false));
  draw();
  return place;
}
