import { get, make } from "../api.js";
import { cite } from "../citations.js";
import { field, fill, form, h } from "../dom.js";
import { duration, list, n, number, t } from "../i18n.js";
import { beginLesson } from "./lesson.js";
import { madeBy } from "./made.js";

export async function plan(panel, { session, signal }) {
  const path = `/sessions/${session.id}/plan`;
  const draw = async () => {
    const stored = await get(path, signal);
    if (signal.aborted) return;
    fill(panel, stored ? shown(stored, session) : h("p", { class: "empty" }, t("No plan yet: say what you are after, or take the whole of it.")),
      session.active && request(stored));
  };
  const request = (stored) => form({ class: "card row grow" }, async (data) => {
    await make(path, { topic: data.get("topic").trim() }, undefined, signal);
    await draw();
  }, field(t("A topic, or nothing for all of it"), { name: "topic", maxlength: 300 }), h("button", { type: "submit" }, stored ? t("Plan again") : t("Make a plan")));
  await draw();
}

/** Minutes as people say them: two and a half hours are not 150 minutes. */
function time(minutes) {
  return minutes < 100 ? n(minutes, "{n} minutes") : duration(60 * minutes);
}

function shown(stored, session) {
  const evidence = stored.objectives.flatMap((objective) => objective.evidence.slice(0, 1));
  return [
    stored.stale && h("p", { class: "notice" }, t("Documents have come or gone since this plan was made. Plan again to take them in.")),
    h("h2", {}, stored.topic), h("p", { class: "prose" }, stored.learning_goal), h("p", { class: "prose soft" }, stored.suggested_approach), madeBy(stored),
    h("h2", {}, t("{steps}, about {minutes}", { steps: n(stored.sections.length, "{n} steps"), minutes: time(stored.estimated_minutes) })),
    h("ol", { class: "steps" }, stored.sections.map((section) => h("li", {},
      h("div", { class: "row" }, h("a", { class: "grow", href: `#sessions/${session.id}/lesson/${section.section_index}` }, section.title), h("span", { class: "soft" }, n(section.minutes, "{n} minutes"))),
      section.objectives.length > 0 && h("div", { class: "soft" }, section.objectives.join("; ")),
      section.prerequisites.length > 0 && h("div", { class: "soft" }, n(section.prerequisites.length, "after steps {steps}", { steps: list(section.prerequisites.map((index) => number(index + 1))) }))))),
    stored.objectives.length > 0 && [h("h2", {}, t("What you will be able to do")),
      h("ul", {}, stored.objectives.map((objective) => h("li", {}, h("strong", {}, objective.title), " ", objective.description !== objective.title && h("span", { class: "soft" }, objective.description), " ",
        objective.evidence.slice(0, 1).map((citation) => cite(citation, t("source"), evidence)))))],
    session.active && h("p", {}, beginLesson(session)),
  ];
}
