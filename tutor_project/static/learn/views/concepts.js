// The concepts of a session as a map: how well each is known, what it builds on, and what to do about it.

import { make } from "../api.js";
import { scrolling } from "../blocks.js";
import { button, fill, h } from "../dom.js";
import { list, n, percent, t } from "../i18n.js";
import { drawnMap, layers } from "../map.js";

const SIGNS = { known: "●", nearly: "◕", shaky: "◔", open: "○" };

/** How well a concept is known: a name for it, and the words. */
export function standing(row) {
  if (!row?.answers) return ["open", t("Not asked yet")];
  if (row.mastered) return ["known", t("You know it")];
  return { solid: ["nearly", t("Nearly there")], shaky: ["shaky", t("Still shaky")] }[row.level] ?? ["open", t("Too early to tell")];
}

/** The map, what is told of the concept that is picked, and the same as a table; nothing where no plan says what builds on what. */
export function conceptMap({ concepts }, plan, session, signal) {
  const needs = plan?.prerequisites ?? {};
  const rows = layers(concepts.map((row) => row.concept), needs);
  if (!rows.length) return !plan && h("p", { class: "soft" }, t("A plan shows what builds on what."), " ", h("a", { href: `#sessions/${session.id}/plan` }, t("Make a plan")));
  const known = new Map(concepts.map((row) => [row.concept, row]));
  const ready = (name) => !known.get(name)?.mastered && (needs[name] ?? []).every((other) => known.get(other)?.mastered);
  const told = h("div", { class: "card told", role: "status" }, h("p", { class: "soft" }, t("Pick a concept to see what it builds on.")));
  const box = (name) => {
    const [state, words] = standing(known.get(name));
    return h("button", { type: "button", class: `concept ${state}`, "aria-pressed": "false" }, h("span", { "aria-hidden": "true" }, SIGNS[state]), ` ${name}`, h("span", { class: "unseen" }, `, ${words}`));
  };
  const chosen = (name) => fill(told, about(name, known.get(name), needs, ready(name), session, signal));
  return h("section", { "aria-label": t("How it hangs together") }, h("h2", {}, t("How it hangs together")),
    h("p", { class: "soft legend" }, [["known", t("You know it")], ["nearly", t("Nearly there")], ["shaky", t("Still shaky")], ["open", t("Too early to tell")]].map(([state, words]) => h("span", {}, h("span", { class: `sign ${state}`, "aria-hidden": "true" }, SIGNS[state]), ` ${words}`))),
    drawnMap({ rows, needs, label: t("Concepts, those that others build on first"), box, chosen, signal }), told,
    h("details", {}, h("summary", {}, t("As a table")), table(rows.flat(), known, needs)));
}

function about(name, row, needs, ready, session, signal) {
  const after = Object.keys(needs).filter((other) => needs[other].includes(name));
  const practise = async () => {
    await make(`/sessions/${session.id}/quiz`, { topic: name, question_count: 5 }, undefined, signal);
    location.hash = `#sessions/${session.id}/quiz`;
  };
  return [h("h3", {}, name),
    h("p", {}, standing(row)[1], row?.answers > 0 && `: ${t("{share} of questions right", { share: percent(row.probability) })}, ${n(row.answers, "{n} answers")}`, ready && h("span", { class: "tag good" }, t("a good next step"))),
    needs[name] && h("p", { class: "soft" }, t("builds on {concepts}", { concepts: list(needs[name]) })),
    after.length > 0 && h("p", { class: "soft" }, t("leads to {concepts}", { concepts: list(after) })),
    session.active && button(t("Practise it"), practise, { class: "quiet" })];
}

function table(names, known, needs) {
  const heads = [t("Concept"), t("How well you know it"), t("Builds on")];
  return scrolling(t("Concepts and what they build on"), h("table", {}, h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
    h("tbody", {}, names.map((name) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, standing(known.get(name))[1]), h("td", {}, needs[name] ? list(needs[name]) : "–"))))));
}
