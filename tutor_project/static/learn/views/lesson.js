// The lesson as a dialogue: explanation, check questions with hints, own questions, summaries in own words.

import { get, make, post } from "../api.js";
import { cite, cited } from "../citations.js";
import { bar, button, fill, form, h, percent, say } from "../dom.js";
import { choices } from "./questions.js";

export async function lesson(panel, { session, signal }) {
  const path = `/sessions/${session.id}/lesson`;
  const stored = await get(path, signal);
  if (signal.aborted) return;
  if (!stored || !session.active) {
    fill(panel, stored ? stored.sections.map(section) : h("p", { class: "empty" }, "No lesson yet."),
      session.active && form({ class: "row grow" }, async (data) => {
        await make(path, { topic: data.get("topic").trim() });
        await lesson(panel, { session, signal });
      }, h("input", { name: "topic", maxlength: 300, placeholder: "A topic, or nothing for all of it", "aria-label": "Topic" }),
      h("button", { type: "submit" }, "Write the lesson")));
    return;
  }
  await dialogue(panel, session, stored, signal);
}

function section(shown) {
  return h("article", { class: "card" }, h("h2", {}, shown.title), cited(shown.text, shown.citations));
}

async function dialogue(panel, session, stored, signal) {
  const head = h("div", { class: "lesson-head" });
  const here = h("div", { "aria-live": "polite" });
  const reply = h("div", { "aria-live": "polite" });
  const foot = h("div", { class: "row" });
  let learner = null;

  async function turn(type, data = {}) {
    const envelope = await post(`/sessions/${session.id}/interact`, { type, data });
    if (signal.aborted) return;
    learner = envelope.user_model_state;
    draw(envelope);
  }

  function draw({ content_type: kind, data }) {
    fill(head, h("div", { class: "row" }, h("h2", { class: "grow" }, stored.title),
      h("span", { class: "soft" }, `part ${learner.section_index + 1} of ${learner.total_sections} · ${learner.correct} of ${learner.answered} right`)),
    bar(learner.progress, `${percent(learner.progress)} of the lesson`));
    fill(foot, learner.available_actions.filter((action) => NAMES[action]).map((action) =>
      button(action === "next" && learner.phase === "asking" ? "Skip the question" : NAMES[action], () => turn(action, action === "start" ? { restart: true } : {}),
        { class: action === learner.available_actions[0] ? "" : "quiet", "data-action": action })));
    if (kind === "explanation" && data.title) {
      fill(reply);
      fill(here, h("article", { class: "card" }, h("h3", {}, data.title), cited(data.text, data.citations)));
      here.scrollIntoView({ block: "nearest" });
    } else if (kind === "question") {
      fill(reply);
      fill(here, question(data));
    } else if (kind === "message" && data.code === "finished") {
      fill(reply);
      fill(here, ended(data));
    } else {
      fill(reply, h("div", { class: `card reply ${data.outcome ?? ""}` }, feedback(data)));
      reply.scrollIntoView({ block: "nearest" });
      if (["correct", "wrong", "unsure"].includes(data.outcome)) fill(here);
    }
  }

  const question = (data) => form({ class: "card question" }, async (given) => {
    const text = (given.get("text") ?? "").trim();
    const option = given.get("option");
    if (!text && !option) return say("Choose an answer, or ask for a hint.");
    await turn("answer", option ? { option_id: option } : { answer: text });
  }, h("h3", {}, data.question), choices(data, "option", "text"),
  h("div", { class: "row" }, h("button", { type: "submit" }, "Answer"),
    button("Give me a hint", () => turn("answer", { answer: "hint" }), { class: "quiet" })));

  const ended = (data) => h("div", { class: "card call" }, h("h3", {}, "The end of the lesson"), h("p", {}, data.message),
    h("a", { class: "button", href: `#sessions/${session.id}/quiz` }, "Take a quiz"));

  fill(panel, stored.stale && h("p", { class: "notice row" }, h("span", { class: "grow" }, "Documents have come or gone since this lesson was written."),
    button("Write it again", async () => { await make(`/sessions/${session.id}/lesson`, { topic: stored.topic }); await lesson(panel, { session, signal }); })),
  head, here, reply, foot, h("div", { class: "two" },
    form({ class: "card" }, async (data, element) => { await turn("question", { question: data.get("question") }); element.reset(); },
      h("label", { for: "own-question" }, "Something unclear?"), h("input", { id: "own-question", name: "question", required: true, maxlength: 2000, placeholder: "Ask about this part" }),
      h("button", { type: "submit", class: "quiet" }, "Ask")),
    form({ class: "card" }, async (data) => turn("summary", { summary: data.get("summary") }),
      h("label", { for: "summary" }, "Say it in your own words"), h("textarea", { id: "summary", name: "summary", rows: 2, required: true, maxlength: 20000, placeholder: "Two or three sentences" }),
      h("button", { type: "submit", class: "quiet" }, "Check my summary"))));
  await turn("start");
}

const NAMES = { start: "Begin again", next: "Go on", previous: "Back" };

function feedback(data) {
  const sources = (data.citations ?? []).slice(0, 4).map((citation) => cite(citation));
  const covered = data.covered && [
    h("p", { class: "soft" }, `Covers ${percent(data.coverage)} of the main ideas.`),
    data.missing.length > 0 && h("p", {}, "Not mentioned: ", data.missing.map((entry) => [entry.concept, " ", cite(entry.citation, "source"), " "])),
    data.findings.map((finding) => h("p", {}, `“${finding.statement}” – ${finding.message} `, finding.citation && cite(finding.citation, "source"))),
  ];
  return [
    data.outcome === "answer" ? cited(data.message, data.citations) : h("p", {}, h("strong", {}, data.message)),
    data.hint && h("p", {}, `Hint ${data.hint_number} of ${data.hints_in_all}: ${data.hint}`),
    data.explanation && h("p", {}, data.explanation), covered || (data.outcome !== "answer" && sources), data.note && h("p", { class: "soft" }, data.note),
    data.related_sections?.length > 0 && h("p", { class: "soft" }, `See also: ${data.related_sections.join(", ")}`),
  ];
}
