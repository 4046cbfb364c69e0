import { get, make } from "../api.js";
import { cite } from "../citations.js";
import { fill, form, h, plural } from "../dom.js";

export async function plan(panel, { session, signal }) {
  const path = `/sessions/${session.id}/plan`;
  const draw = async () => {
    const stored = await get(path, signal);
    fill(panel, stored ? shown(stored, session) : h("p", { class: "empty" }, "No plan yet: say what you are after, or take the whole of it."),
      session.active && request(stored));
  };
  const request = (stored) => form({ class: "row grow" }, async (data) => {
    await make(path, { topic: data.get("topic").trim() });
    await draw();
  }, h("input", { name: "topic", maxlength: 300, placeholder: "A topic, or nothing for all of it", "aria-label": "Topic" }),
  h("button", { type: "submit" }, stored ? "Plan again" : "Make a plan"));
  await draw();
}

function shown(stored, session) {
  return [
    stored.stale && h("p", { class: "notice" }, "Documents have come or gone since this plan was made. Plan again to take them in."),
    h("h2", {}, stored.topic), h("p", { class: "prose" }, stored.learning_goal), h("p", { class: "prose soft" }, stored.suggested_approach),
    h("h2", {}, `${plural(stored.sections.length, "step")}, about ${stored.estimated_minutes} minutes`),
    h("ol", { class: "steps" }, stored.sections.map((section) => h("li", {},
      h("div", { class: "row" }, h("strong", { class: "grow" }, section.title), h("span", { class: "soft" }, `${section.minutes} min`)),
      h("div", { class: "soft" }, section.objectives.join("; ")),
      section.concepts.map((concept) => h("span", { class: "tag" }, concept)),
      section.prerequisites.length > 0 && h("div", { class: "soft" }, `after step ${section.prerequisites.map((index) => index + 1).join(", ")}`)))),
    h("h2", {}, "What you will be able to do"),
    h("ul", {}, stored.objectives.map((objective) => h("li", {}, h("strong", {}, objective.title), " ", h("span", { class: "soft" }, objective.description), " ",
      objective.evidence.slice(0, 2).map((citation) => cite(citation, "source"))))),
    h("a", { class: "button", href: `#sessions/${session.id}/lesson` }, "Begin the lesson"),
  ];
}
