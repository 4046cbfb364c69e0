import { get, post } from "../api.js";
import { button, fill, form, h, plural, say, when } from "../dom.js";
import { choices, outcome } from "./questions.js";

export async function reviews(view, { signal }) {
  const { results } = await get("/reviews/due", signal);
  if (signal.aborted) return;
  const stage = h("div");
  fill(view, h("h1", {}, "Reviews"), h("p", { class: "lead" }, "Questions come back when you are about to forget them."), stage);
  next(stage, results, 0);
}

function next(stage, due, place) {
  if (place >= due.length) return fill(stage, h("p", { class: "empty" }, due.length ? `Done: ${plural(due.length, "review")} today.` : "Nothing is due. Answer quiz questions, and they come back here."));
  const card = due[place];
  const shown = performance.now();
  const answer = async (data) => {
    const given = { option_id: data.get("option") ?? "", text: (data.get("text") ?? "").trim() };
    if (!given.option_id && !given.text) return say("Choose or write an answer, or say that you do not know.");
    await grade(given);
  };
  const grade = async (given) => {
    const result = await post(`/reviews/${card.id}/answer`, { ...given, time_taken_seconds: (performance.now() - shown) / 1000 });
    fill(stage, outcome(result), h("p", { class: "soft" }, `Comes back ${when(result.due_at)}.`), button("Next", () => next(stage, due, place + 1)));
    stage.querySelector("button:last-child").focus();
  };
  return fill(stage, form({ class: "card question" }, answer, h("p", { class: "soft" }, `${place + 1} of ${due.length}${card.concept ? ` · ${card.concept}` : ""}`),
    h("h2", {}, card.question.question), choices(card.question, "option", "text"),
    h("div", { class: "row" }, h("button", { type: "submit" }, "Answer"), button("I do not know", () => grade({ option_id: "", text: "" }), { class: "quiet" }))));
}
