// Questions and answers: the newest in view, each with what it rests on and how sure it is.

import { get, stream } from "../api.js";
import { cite, cited, excerpt, sources } from "../citations.js";
import { add, complain, fill, form, h } from "../dom.js";
import { list, t } from "../i18n.js";
import { madeBy } from "./made.js";

/**
 * A place to ask in: `path` answers, `messages` were said before, `suggested` are questions to begin with,
 * `empty` is what stands there before anything was asked, `picker` chooses the documents that are asked, `focus` says that one
 * comes here to ask.
 */
export function conversation(panel, { path, signal, messages = [], suggested = [], empty, open = true, picker = null, focus = true }) {
  const log = h("div", { class: "talk", role: "log", "aria-label": t("Questions and answers") });
  let running = null;

  const send = async (data, element) => {
    const question = data.get("question").trim();
    if (!question) return;
    const documents = picker ? picker.chosen() : null;
    if (documents === undefined) return;
    log.querySelector(".empty")?.remove();
    const asked = h("div", { class: "said learner" }, question);
    const place = h("div", { class: "card said tutor", "aria-busy": "true" }, h("p", { class: "soft" }, t("Looking in your material …")));
    add(log, asked, place);
    element.reset();
    asked.scrollIntoView({ block: "start" });
    running = new AbortController();
    stop.hidden = false;
    try {
      await follow(path, { question, document_ids: documents }, place, AbortSignal.any([signal, running.signal]));
    } catch (error) {
      if (signal.aborted) return;
      if (!running.signal.aborted) fill(place, h("p", { class: "bad-text" }, error.message));
      else add(place, h("p", { class: "soft" }, t("Stopped.")));
      if (error.name !== "AbortError" && !error.expected) complain(error);
    } finally {
      place.removeAttribute("aria-busy");
      stop.hidden = true;
      running = null;
    }
    asked.scrollIntoView({ block: "start" });
  };

  const stop = h("button", { type: "button", class: "quiet", hidden: true, onclick: () => running?.abort() }, t("Stop"));
  const input = h("input", { name: "question", required: true, maxlength: 2000, autocomplete: "off", placeholder: t("Ask about your material"), "aria-label": t("Your question") });
  const ask = form({ class: "row grow ask" }, send, input, h("button", { type: "submit" }, t("Ask")), stop);
  const ideas = suggested.length > 0 && h("div", { class: "row ideas" }, suggested.map((question) => h("button", { type: "button", class: "quiet", onclick: () => {
    input.value = question;
    ask.requestSubmit();
  } }, question)));
  add(log, messages.map(said));
  if (!messages.length) add(log, h("p", { class: "empty" }, empty));
  fill(panel, log, open && [ideas, picker?.element, ask]);
  [...log.querySelectorAll(".learner")].at(-1)?.scrollIntoView({ block: "start" });
  if (open && focus && matchMedia("(hover: hover)").matches) input.focus({ preventScroll: true }); // on a phone the keyboard would cover the page
}

/** Show the answer to a question as it comes, token by token where it does. */
async function follow(path, body, place, signal) {
  let text = "";
  for await (const { event, data } of stream("POST", path, { body, signal })) {
    if (event === "token") {
      text += data.text;
      fill(place, h("p", { class: "prose" }, text));
    } else if (event === "done") fill(place, reply(data));
  }
}

export function said(message) {
  if (message.role === "user") return h("div", { class: "said learner" }, message.content);
  return h("div", { class: "card said tutor" }, reply({ ...message.interaction, answer: message.content, citations: message.citations }));
}

/** An answer: how far the material answers, the words themselves, what they rest on, who wrote them. */
export function reply({ citations = [], status, engine, related_sections: related = [], ...rest }) {
  return [
    status === "closest" && h("p", { class: "verdict" }, t("Nothing says this outright. These passages come closest.")),
    words({ citations, engine, ...rest }),
    sources(citations),
    related.length > 0 && h("p", { class: "soft" }, t("See also: {sections}", { sections: list(related) })),
    engine && madeBy({ engine, ...rest }),
  ];
}

/** What the tutor says: that the material is silent, the passages themselves, or a text that cites them. */
function words({ answer, citations, passages = [], declined, engine }) {
  if (declined) return h("p", { class: "verdict" }, answer);
  if (engine !== "builtin" || !passages.length) return cited(answer, citations);
  return passages.map((passage, index) => excerpt(citations[index], passage.highlights, cite(citations[index], String(index + 1), citations)));
}

export async function messagesOf(session, signal) {
  const messages = await get(`/sessions/${session.id}/messages?limit=100`, signal);
  return messages.filter((message) => message.content).sort((one, other) => one.turn_no - other.turn_no);
}

/** Whether a message belongs to the questions to the material; an "answer" of the learner is one to a question of the lesson. */
export function isAsked({ role, interaction }) {
  return interaction?.type === (role === "user" ? "ask" : "answer");
}
