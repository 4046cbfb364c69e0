import { get, post } from "../api.js";
import { add, button, fill, form, h, say } from "../dom.js";
import { day, n, number, t, when } from "../i18n.js";
import { choices, outcome } from "./questions.js";

const LOOKED_AT = 10; // sessions

export async function reviews(view, { signal }) {
  const { results } = await get("/reviews/due", signal);
  if (signal.aborted) return;
  const stage = h("div");
  fill(view, h("h1", {}, t("Reviews")), h("p", { class: "lead" }, t("Questions come back when you are about to forget them.")), stage);
  next(stage, results, 0);
}

/** The next day on which reviews of the sessions used last are planned, null where none are. */
async function nextDay() {
  const { results } = await get("/sessions?active=true");
  const planned = await Promise.all(results.slice(0, LOOKED_AT).map(({ id }) => get(`/sessions/${id}/readiness`)));
  const days = planned.flatMap(({ workload }) => workload.slice(1).filter(({ reviews: count }) => count).map(({ date }) => date));
  return days.sort()[0] ?? null;
}

function done(stage, count) {
  const place = h("p", { class: "empty" }, count ? n(count, "Done: {n} reviews today.") : t("Nothing is due today."));
  fill(stage, place);
  nextDay().then((date) => add(place, " ", date ? t("The next ones come on {day}.", { day: day(date, { dateStyle: "full" }) }) : t("Answer quiz questions, and they come back here."))).catch(() => {});
}

function next(stage, due, place) {
  if (place >= due.length) return done(stage, due.length);
  const card = due[place];
  const shown = performance.now();
  const answer = async (data) => {
    const given = { option_id: data.get("option") ?? "", text: (data.get("text") ?? "").trim() };
    if (!given.option_id && !given.text) return say(t("Choose or write an answer, or say that you do not know."));
    return grade(given);
  };
  const grade = async (given) => {
    const result = await post(`/reviews/${card.id}/answer`, { ...given, time_taken_seconds: (performance.now() - shown) / 1000 });
    fill(stage, h("div", { role: "status" }, outcome(result)), h("p", { class: "soft" }, t("Comes back {when}.", { when: when(result.due_at) })), button(t("Next"), () => next(stage, due, place + 1)));
    stage.querySelector("button:last-child").focus();
  };
  fill(stage, form({ class: "card question" }, answer, h("p", { class: "soft" }, [t("{number} of {all}", { number: number(place + 1), all: number(due.length) }), card.concept].filter(Boolean).join(" · ")),
    choices(card.question, "option", "text"),
    h("div", { class: "row" }, h("button", { type: "submit" }, t("Answer")), button(t("I do not know"), () => grade({ option_id: "", text: "" }), { class: "quiet" }))));
  if (place) stage.querySelector("input, textarea").focus();
}
