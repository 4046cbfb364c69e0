import { cite } from "../citations.js";
import { h } from "../dom.js";

const KINDS = { multiple_choice: "choose one", true_false: "true or false", cloze: "fill the gap", short_answer: "answer in a few words", numeric: "a number" };

/** The place to answer a sealed question: options, or a line of text. */
export function choices(question, optionName, textName, given = {}) {
  if (!question.options.length) {
    return h("input", { name: textName, maxlength: 2000, autocomplete: "off", value: given.text ?? "", "aria-label": "Your answer",
      placeholder: KINDS[question.kind] ?? "", inputmode: question.kind === "numeric" ? "decimal" : null });
  }
  return h("div", { class: "options" }, question.options.map((option) => h("label", { class: "option" },
    h("input", { type: "radio", name: optionName, value: option.id, checked: given.option_id === option.id }), option.text)));
}

const VERDICTS = { correct: ["Right", "good"], incorrect: ["Not right", "bad"], partial: ["Partly right", "warn"], needs_review: ["Not graded for certain", "warn"], unanswered: ["Not answered", "bad"] };

/** What became of one answer. */
export function outcome(item) {
  const [name, kind] = VERDICTS[item.verdict] ?? [item.verdict, ""];
  return h("article", { class: "card" },
    h("div", { class: "row" }, h("h3", { class: "grow" }, item.question_text), h("span", { class: `tag ${kind}` }, name)),
    item.user_selected_option && h("p", {}, "Your answer: ", item.user_selected_option),
    item.is_correct !== true && item.correct_option && h("p", {}, "The answer: ", h("strong", {}, item.correct_option)),
    item.explanation && h("p", { class: "prose" }, item.explanation),
    item.improvement_suggestion && h("p", { class: "soft" }, item.improvement_suggestion),
    item.citation && cite(item.citation));
}
