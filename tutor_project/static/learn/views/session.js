import { all, change, get, post } from "../api.js";
import { button, field, fill, form, h, say, select } from "../dom.js";
import { t } from "../i18n.js";
import { ask } from "./ask.js";
import { lesson } from "./lesson.js";
import { material } from "./material.js";
import { plan } from "./plan.js";
import { progress } from "./progress.js";
import { quiz } from "./quiz.js";

const TABS = { material: [t("Material"), material], plan: [t("Plan"), plan], lesson: [t("Lesson"), lesson],
  quiz: [t("Quiz"), quiz], ask: [t("Ask"), ask], progress: [t("Progress"), progress] };

/** One session: its heading, and the tab of it that the address names. */
export async function session(view, { signal, parts: [id, wanted, place], me }) {
  const shown = await get(`/sessions/${id}`, signal);
  const chosen = TABS[wanted] ? wanted : "material";
  const panel = h("section", { class: "panel", "aria-label": TABS[chosen][0] }, h("p", { class: "soft" }, t("Loading …")));
  fill(view, heading(shown),
    h("nav", { class: "tabs", "aria-label": t("Session") }, Object.entries(TABS).map(([name, [title]]) =>
      h("a", { href: `#sessions/${id}/${name}`, "aria-current": name === chosen ? "page" : null }, title))),
    panel);
  try {
    await TABS[chosen][1](panel, { session: shown, signal, me, place: place === undefined ? null : Number(place) });
  } catch (error) {
    if (signal.aborted) return;
    fill(panel, h("p", { class: "empty" }, error.message), h("p", {}, h("a", { href: `#sessions/${id}/material` }, t("Go to the material"))));
    if (!error.expected) console.warn(error);
  }
}

function heading(shown) {
  const row = h("div", { class: "row head" });
  const again = () => row.replaceWith(heading(shown));
  const edit = async () => {
    const folders = await all("/folders");
    const save = async (data) => {
      const folderId = data.get("folder_id") || null;
      Object.assign(shown, await change("PATCH", `/sessions/${shown.id}`, { title: data.get("title").trim(), folder_id: folderId }));
      again();
    };
    fill(row, form({ class: "row grow", "aria-label": t("Rename or move") }, save,
      field(t("Title"), { name: "title", required: true, maxlength: 200, value: shown.title }),
      field(t("Folder"), { name: "folder_id" }, select([["", t("No folder")], ...folders.map((folder) => [folder.id, folder.name])], shown.folder_id ?? "")),
      h("button", { type: "submit" }, t("Save")), button(t("Cancel"), again, { class: "quiet" })));
    row.querySelector("input").focus();
  };
  const end = async () => {
    await post(`/sessions/${shown.id}/end`);
    location.reload();
  };
  const reopen = async () => {
    await post(`/sessions/${shown.id}/reopen`);
    location.reload();
  };
  const remove = async () => {
    if (!confirm(t("Delete this session with its documents, quizzes and messages? There is no way back."))) return;
    await change("DELETE", `/sessions/${shown.id}`);
    location.hash = "";
    say(t("The session and everything made from it are gone."), "good");
  };
  return fill(row, shown.folder_id && folderOf(shown), h("h1", {}, shown.title || t("Untitled")), !shown.active && h("span", { class: "tag" }, t("ended")),
    h("details", { class: "menu" }, h("summary", { "aria-label": t("Session menu") }, "⋯"),
      h("div", {}, button(t("Rename or move"), edit, { class: "quiet" }), shown.active ? button(t("End the session"), end, { class: "quiet" }) : button(t("Reopen the session"), reopen, { class: "quiet" }),
        button(t("Delete the session"), remove, { class: "quiet danger" }))));
}

/** The way to the folder that the session is in. */
function folderOf({ folder_id: id }) {
  const place = h("div", { class: "crumb" });
  get(`/folders/${id}`).then(({ name }) => fill(place, h("a", { class: "plain", href: `#folders/${id}` }, name))).catch(() => {});
  return place;
}
