// The lesson as a dialogue: explanation, check questions with hints, own questions, summaries in own words.

import { get, made, make } from "../api.js";
import { cite, cited } from "../citations.js";
import { bar, button, field, fill, form, h, say } from "../dom.js";
import { list, number, percent, t } from "../i18n.js";
import { madeBy } from "./made.js";
import { choices } from "./questions.js";
import { isAsked, messagesOf, reply as answered } from "./talk.js";

export async function lesson(panel, { session, signal, place }) {
  const stored = await get(`/sessions/${session.id}/lesson`, signal);
  if (signal.aborted) return;
  const again = () => lesson(panel, { session, signal, place: null });
  if (!stored) {
    fill(panel, h("p", { class: "empty" }, t("No lesson yet.")), session.active && request(session, signal, again));
    return;
  }
  const read = stored.sections.find((section) => section.section_index === place) ?? (session.active ? null : stored.sections[0]);
  if (read) fill(panel, contents(stored, session, read), reading(stored, session, read));
  else await dialogue(panel, session, stored, signal, again);
}

/** The way into the lesson, which is written on the way where there is none yet. */
export function beginLesson(session) {
  return button(t("Begin the lesson"), async () => {
    if (!await get(`/sessions/${session.id}/lesson`)) await make(`/sessions/${session.id}/lesson`, { topic: "" });
    location.hash = `#sessions/${session.id}/lesson`;
  });
}

function request(session, signal, done) {
  return form({ class: "card row grow" }, async (data) => {
    await make(`/sessions/${session.id}/lesson`, { topic: data.get("topic").trim() }, undefined, signal);
    await done();
  }, field(t("A topic, or nothing for all of it"), { name: "topic", maxlength: 300 }), h("button", { type: "submit" }, t("Write the lesson")));
}

function address(session, section) {
  return `#sessions/${session.id}/lesson/${section.section_index}`;
}

/** The parts of the lesson as links. */
function contents(stored, session, here) {
  return h("details", { class: "card contents" }, h("summary", {}, t("Contents")),
    h("ol", {}, stored.sections.map((section) => h("li", {},
      h("a", { href: address(session, section), "aria-current": section.index === here?.index ? "true" : null }, section.title)))));
}

/** A part to read, apart from the dialogue, which stays where it is. */
function reading(stored, session, shown) {
  const step = (to, label) => stored.sections[to] && h("a", { href: address(session, stored.sections[to]) }, label);
  return [
    h("article", { class: "card reading" }, h("h2", {}, shown.title), cited(shown.text, shown.citations)),
    h("nav", { class: "row", "aria-label": t("Parts") }, step(shown.index - 1, t("Part before")), step(shown.index + 1, t("Next part")),
      session.active && h("a", { class: "button", href: `#sessions/${session.id}/lesson` }, t("Go on with the lesson"))),
  ];
}

async function dialogue(panel, session, stored, signal, again) {
  const head = h("div", { class: "lesson-head" });
  const index = h("div");
  const here = h("div", { "aria-live": "polite" });
  const reply = h("div", { "aria-live": "polite" });
  const foot = h("div", { class: "row" });
  let learner = null;

  async function turn(type, data = {}) {
    const envelope = await made(`/sessions/${session.id}/interact`, { type, data });
    if (signal.aborted) return;
    learner = envelope.user_model_state;
    draw(envelope);
  }

  function draw({ content_type: kind, data }) {
    fill(head, h("div", { class: "row" }, h("h2", { class: "grow" }, stored.title), h("span", { class: "soft" }, standing(learner))),
      bar(learner.progress, t("{share} of the lesson", { share: percent(learner.progress) })));
    fill(index, contents(stored, session, stored.sections[learner.section_index]));
    const possible = learner.available_actions.filter((action) => NAMES[action] && (action !== "previous" || learner.section_index > 0));
    fill(foot, possible.map((action) =>
      button(action === "next" && learner.phase === "asking" ? t("Skip the question") : NAMES[action], () => turn(action, action === "start" ? { restart: true } : {}),
        { class: action === learner.available_actions[0] ? "" : "quiet", "data-action": action })));
    if (kind === "explanation" && data.title) {
      fill(reply);
      fill(here, h("article", { class: "card reading" }, h("h3", { tabindex: "-1" }, data.title), cited(data.text, data.citations)));
      head.scrollIntoView({ block: "nearest" });
      here.querySelector("h3").focus({ preventScroll: true });
    } else if (kind === "question") {
      fill(reply);
      fill(here, question(data));
      here.querySelector("input, textarea")?.focus();
    } else if (kind === "message" && data.code === "finished") {
      fill(reply);
      fill(here, ended(data));
    } else {
      fill(reply, h("div", { class: `card reply ${data.outcome ?? ""}` }, feedback(data)));
      reply.scrollIntoView({ block: reply.offsetHeight < innerHeight ? "nearest" : "start" });
      if (["correct", "wrong", "unsure"].includes(data.outcome)) fill(here);
    }
  }

  const question = (data) => form({ class: "card question" }, async (given) => {
    const text = (given.get("text") ?? "").trim();
    const option = given.get("option");
    if (!text && !option) return say(t("Choose an answer, or ask for a hint."));
    return turn("answer", option ? { option_id: option } : { answer: text });
  }, choices(data, "option", "text", {}, h("h3", {}, data.question)),
  h("div", { class: "row" }, h("button", { type: "submit" }, t("Answer")),
    button(t("Give me a hint"), () => turn("answer", { answer: "hint" }), { class: "quiet" })));

  const ended = (data) => h("div", { class: "card call" }, h("h3", {}, t("The end of the lesson")), h("p", {}, data.message),
    h("a", { class: "button", href: `#sessions/${session.id}/quiz` }, t("Take a quiz")));

  fill(panel, stored.stale && h("p", { class: "notice row" }, h("span", { class: "grow" }, t("Documents have come or gone since this lesson was written.")),
    button(t("Write it again"), async () => { await make(`/sessions/${session.id}/lesson`, { topic: stored.topic }, undefined, signal); await again(); })),
  head, index, here, reply, foot, h("div", { class: "two" },
    form({ class: "card" }, async (data, element) => { await turn("question", { question: data.get("question") }); element.reset(); },
      h("label", { for: "own-question" }, t("Something unclear?")), h("input", { id: "own-question", name: "question", required: true, maxlength: 2000, placeholder: t("Ask about this part") }),
      h("button", { type: "submit", class: "quiet" }, t("Ask"))),
    form({ class: "card" }, async (data) => turn("summary", { summary: data.get("summary") }),
      h("label", { for: "summary" }, t("Say it in your own words")), h("textarea", { id: "summary", name: "summary", rows: 2, required: true, maxlength: 20000, placeholder: t("Two or three sentences") }),
      h("button", { type: "submit", class: "quiet" }, t("Check my summary")))),
  transcript(session, signal), madeBy(stored));
  await turn("start");
}

const NAMES = { start: t("Begin again"), next: t("Go on"), previous: t("Back") };

function standing(learner) {
  const part = t("part {part} of {all}", { part: number(learner.section_index + 1), all: number(learner.total_sections) });
  return learner.answered ? `${part} · ${t("{right} of {all} right", { right: learner.correct, all: learner.answered })}` : part;
}

/** What was said in the lesson, read when it is opened. */
function transcript(session, signal) {
  const log = h("ol", { class: "rows" });
  return h("details", { class: "card transcript", ontoggle: async ({ target }) => {
    if (!target.open) return;
    const messages = (await messagesOf(session, signal)).filter((message) => !isAsked(message));
    fill(log, messages.map((message) => h("li", {}, h("strong", {}, message.role === "user" ? t("You") : t("Tutor")), h("p", { class: "prose" }, message.content))));
  } }, h("summary", {}, t("What was said in this lesson")), log);
}

function feedback(data) {
  const sources = (data.citations ?? []).slice(0, 4);
  const covered = data.covered && [
    h("p", { class: "soft" }, t("Covers {share} of the main ideas.", { share: percent(data.coverage) })),
    data.missing.length > 0 && h("p", {}, t("Not mentioned:"), " ", data.missing.map((entry) => [entry.concept, " ", cite(entry.citation, t("source")), " "])),
    data.findings.map((finding) => h("p", {}, `“${finding.statement}” – ${finding.message} `, finding.citation && cite(finding.citation, t("source")))),
  ];
  if (data.outcome === "answer") return [answered({ ...data, answer: data.message }), data.note && h("p", { class: "soft" }, data.note)];
  return [
    h("p", {}, h("strong", {}, data.message)),
    data.hint && h("p", {}, t("Hint {number} of {all}: {hint}", { number: data.hint_number, all: data.hints_in_all, hint: data.hint })),
    data.explanation && h("p", {}, data.explanation), covered || sources.map((citation) => [cite(citation, undefined, sources), " "]), data.note && h("p", { class: "soft" }, data.note),
    data.related_sections?.length > 0 && h("p", { class: "soft" }, t("See also: {sections}", { sections: list(data.related_sections) })),
  ];
}
