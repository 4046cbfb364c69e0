// The exam: its day, what to expect of it, and how many reviews lie before it.

import { change, get } from "../api.js";
import { columns } from "../charts.js";
import { field, fill, form, h, say } from "../dom.js";
import { day, n, percent, t } from "../i18n.js";

export function exam(session, readiness) {
  const stage = h("div");
  const draw = (known) => fill(stage, expected(known), workload(known.workload));
  const save = async (data) => {
    const changed = await change("PATCH", `/sessions/${session.id}`, { exam_on: data.get("exam_on") || null });
    session.exam_on = changed.exam_on;
    draw(await get(`/sessions/${session.id}/readiness`));
    say(changed.exam_on ? t("Your reviews are planned for that day.") : t("No exam any more."), "good");
  };
  draw(readiness);
  return h("section", { class: "card exam", "aria-label": t("Exam") },
    h("h2", {}, t("Exam")), stage,
    session.active && form({ class: "row" }, save, field(t("Day of the exam"), { name: "exam_on", type: "date", value: session.exam_on ?? "" }), h("button", { type: "submit", class: "quiet" }, t("Save"))));
}

function expected({ exam_on: on, days_left: left, expected_share: share, low, high }) {
  if (!on) return h("p", { class: "soft" }, t("Name the day, and reviews are planned so that you know most on it."));
  return [h("p", { class: "lead" }, `${day(on, { dateStyle: "full" })}, ${n(left, "{n} days left")}`),
    share !== null && h("p", {}, t("As you stand today you would get about {share} right on that day, between {low} and {high}.", { share: percent(share), low: percent(low), high: percent(high) }))];
}

function workload(days) {
  const all = days.reduce((sum, { reviews }) => sum + reviews, 0);
  const caption = t("Reviews planned for the next {days}: {reviews}", { days: n(days.length, "{n} days"), reviews: n(all, "{n} reviews") });
  return all > 0 && columns(caption, days.map(({ date, reviews }) => [date, reviews, n(reviews, "{n} reviews")]), t("Reviews"));
}
