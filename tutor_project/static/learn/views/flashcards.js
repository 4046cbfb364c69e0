// Flashcards from the terms of the material: say it to yourself, turn the card, and see the source.

import { get } from "../api.js";
import { cite } from "../citations.js";
import { fill, h } from "../dom.js";
import { n, number, t } from "../i18n.js";

/** The cards, read when they are opened. */
export function cards(session, signal) {
  const stage = h("div", { class: "flashcards" });
  return h("details", { class: "card", ontoggle: async ({ target }) => {
    if (!target.open || stage.hasChildNodes()) return;
    fill(stage, h("p", { class: "soft" }, t("Loading …")));
    const known = await get(`/sessions/${session.id}/analysis`, signal).catch(() => null);
    const terms = known?.analysis?.terms ?? [];
    if (terms.length) deal(stage, terms, terms.length);
    else fill(stage, h("p", { class: "soft" }, t("No terms with a definition were found in the material.")));
  } }, h("summary", {}, t("Flashcards")), stage);
}

/** Show the first of the terms that are left; one that was not known comes back at the end. */
function deal(stage, left, all) {
  if (!left.length) {
    fill(stage, h("p", {}, t("Through all of them.")), h("a", { class: "button", href: "#reviews" }, t("Reviews")));
    return;
  }
  const [term, ...rest] = left;
  const answer = h("div", { hidden: true }, h("p", {}, term.definition, " ", cite(term.citation, t("source"))),
    h("div", { class: "row" }, h("button", { type: "button", onclick: () => next(rest) }, t("I knew it")),
      h("button", { type: "button", class: "quiet", onclick: () => next([...rest, term]) }, t("Show it again later"))));
  const turn = h("button", { type: "button", onclick: () => {
    answer.hidden = false;
    turn.hidden = true;
    answer.querySelector(".row button").focus();
  } }, t("Turn the card"));
  const next = (terms) => {
    deal(stage, terms, all);
    stage.querySelector("button, a")?.focus();
  };
  fill(stage, h("p", { class: "soft", role: "status" }, t("{done} of {all} known", { done: number(all - left.length), all: n(all, "{n} terms") })),
    h("h3", {}, term.term), turn, h("div", { "aria-live": "polite" }, answer));
}
