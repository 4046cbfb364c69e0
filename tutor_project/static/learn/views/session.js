import { change, get, post } from "../api.js";
import { button, fill, form, h, say } from "../dom.js";
import { ask } from "./ask.js";
import { lesson } from "./lesson.js";
import { material } from "./material.js";
import { plan } from "./plan.js";
import { progress } from "./progress.js";
import { quiz } from "./quiz.js";

const TABS = { material: ["Material", material], plan: ["Plan", plan], lesson: ["Lesson", lesson],
  quiz: ["Quiz", quiz], ask: ["Ask", ask], progress: ["Progress", progress] };

export async function session(view, { signal, parts: [id, wanted], me }) {
  const shown = await get(`/sessions/${id}`, signal);
  const chosen = TABS[wanted] ? wanted : "material";
  const panel = h("section", { class: "panel", "aria-label": TABS[chosen][0] }, h("p", { class: "soft" }, "Loading …"));
  fill(view, heading(shown),
    h("nav", { class: "tabs", "aria-label": "Session" }, Object.entries(TABS).map(([name, [title]]) =>
      h("a", { href: `#sessions/${id}/${name}`, "aria-current": name === chosen ? "page" : null }, title))),
    panel);
  try {
    await TABS[chosen][1](panel, { session: shown, signal, me });
  } catch (error) {
    if (signal.aborted) return;
    fill(panel, h("p", { class: "empty" }, error.message), h("p", {}, h("a", { href: `#sessions/${id}/material` }, "Go to the material")));
    if (!error.expected) console.warn(error);
  }
}

function heading(shown) {
  const title = h("h1", {}, shown.title || "Untitled");
  const row = h("div", { class: "row" });
  const rename = () => {
    const named = async (data) => {
      const changed = await change("PATCH", `/sessions/${shown.id}`, { title: data.get("title").trim() });
      shown.title = changed.title;
      row.replaceWith(heading(shown));
    };
    fill(row, form({ class: "row grow" }, named,
      h("input", { name: "title", required: true, maxlength: 200, value: shown.title, "aria-label": "Title" }),
      h("button", { type: "submit" }, "Save")));
    row.querySelector("input").focus();
  };
  const end = async () => {
    if (!confirm("End this session? You can read it afterwards, but not go on with it.")) return;
    await post(`/sessions/${shown.id}/end`);
    shown.active = false;
    row.replaceWith(heading(shown));
  };
  const remove = async () => {
    if (!confirm("Delete this session with its documents, quizzes and messages? There is no way back.")) return;
    await change("DELETE", `/sessions/${shown.id}`);
    location.hash = "";
    say("The session and everything made from it are gone.", "good");
  };
  return fill(row, title, !shown.active && h("span", { class: "tag" }, "ended"),
    h("details", { class: "menu" }, h("summary", { "aria-label": "Session menu" }, "⋯"),
      h("div", {}, button("Rename", rename, { class: "quiet" }), shown.active && button("End the session", end, { class: "quiet" }),
        button("Delete the session", remove, { class: "quiet danger" }))));
}
