import { get, stream } from "../api.js";
import { cite, cited } from "../citations.js";
import { add, fill, form, h } from "../dom.js";

export async function ask(panel, { session, signal }) {
  const log = h("div", { class: "talk", role: "log" });
  const messages = await get(`/sessions/${session.id}/messages?limit=100`, signal);
  if (signal.aborted) return;
  messages.sort((one, other) => one.turn_no - other.turn_no);
  add(log, messages.filter((message) => message.content).map(said));
  if (!messages.length) fill(log, h("p", { class: "empty" }, "Ask anything your material can answer. What it does not say, the tutor will not make up."));
  const send = async (data, element) => {
    const question = data.get("question").trim();
    if (!question) return;
    log.querySelector(".empty")?.remove();
    const place = h("div", { class: "card said tutor", "aria-busy": "true" }, h("p", { class: "prose" }, "…"));
    add(log, h("div", { class: "said learner" }, question), place);
    place.scrollIntoView({ block: "end" });
    let text = "";
    try {
      for await (const { event, data: piece } of stream("POST", `/sessions/${session.id}/ask`, { body: { question }, signal })) {
        if (event === "token") {
          text += piece.text;
          fill(place, h("p", { class: "prose" }, text));
        } else if (event === "done") {
          fill(place, answer(piece.answer, piece.citations, piece));
          element.reset();
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      fill(place, h("p", { class: "bad-text" }, error.message));
    } finally {
      place.removeAttribute("aria-busy");
    }
    place.scrollIntoView({ block: "nearest" });
  };
  fill(panel, log, session.active && form({ class: "row grow ask" }, send,
    h("input", { name: "question", required: true, maxlength: 2000, autocomplete: "off", placeholder: "Ask about your material", "aria-label": "Your question" }),
    h("button", { type: "submit" }, "Ask")));
  log.lastElementChild?.scrollIntoView({ block: "nearest" });
  panel.querySelector("input")?.focus();
}

function said(message) {
  return message.role === "user" ? h("div", { class: "said learner" }, message.content)
    : h("div", { class: "card said tutor" }, answer(message.content, message.citations, message.interaction ?? {}));
}

function answer(text, citations, { declined, related_sections: related = [] }) {
  return [cited(text, citations), declined && h("p", { class: "tag warn" }, "not in your material"),
    h("div", { class: "row" }, citations.map((citation, index) => cite(citation, `[${index + 1}] ${citation.filename}, p. ${citation.page_start}`))),
    related.length > 0 && h("p", { class: "soft" }, `See also: ${related.join(", ")}`)];
}
