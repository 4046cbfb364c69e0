import { all, get, post } from "../api.js";
import { add, field, fill, form, h } from "../dom.js";
import { dayOf, n, t } from "../i18n.js";

/** A session as a card that leads to it. */
export function card(session) {
  const { total_attempts: attempts, correct_answers: correct } = session.quiz_stats;
  return h("a", { class: "card session", href: `#sessions/${session.id}` },
    h("strong", {}, session.title || t("Untitled")),
    h("span", { class: "soft" }, [n(session.document_count, "{n} documents"), attempts ? t("{right} of {all} right", { right: correct, all: attempts }) : null].filter(Boolean).join(" · ")),
    h("span", { class: "soft" }, session.active ? t("last used {when}", { when: dayOf(session.last_activity_at) }) : t("ended")));
}

export async function home(view, { me, signal }) {
  const [sessions, folders, due] = await Promise.all([all("/sessions", 200), all("/folders", 200), get("/reviews/due", signal)]);
  if (signal.aborted) return;
  const create = async (data) => {
    const name = data.get("name").trim();
    let folder = folders.find((candidate) => candidate.name === name);
    if (name && !folder) folder = await post("/folders", { name });
    const made = await post("/sessions", { title: data.get("title").trim(), folder_id: folder?.id ?? null });
    location.hash = `#sessions/${made.session_id}`;
  };
  const loose = sessions.filter((session) => !folders.some((folder) => folder.id === session.folder_id));
  fill(view,
    h("h1", {}, t("Hello, {name}", { name: me.display_name || me.username })),
    due.results.length > 0 && h("a", { class: "card call", href: "#reviews" },
      h("strong", {}, n(due.results.length, "{n} reviews due today")), h("span", {}, t("A few minutes now save an hour later."))),
    form({ id: "new-session", class: "card row grow" }, create,
      field(t("What do you want to learn?"), { name: "title", required: true, maxlength: 200 }),
      field(t("Folder (optional)"), { name: "name", maxlength: 200, list: "folders" }),
      h("datalist", { id: "folders" }, folders.map((folder) => h("option", { value: folder.name }))),
      h("button", { type: "submit" }, t("New session"))),
    folders.map((folder) => group(folder, sessions.filter((session) => session.folder_id === folder.id))));
  if (loose.length) add(view, h("h2", {}, folders.length ? t("Without a folder") : t("My sessions")), h("div", { class: "cards" }, loose.map(card)));
  if (!sessions.length) add(view, h("p", { class: "empty" }, t("No session yet. Name one above and add your material to it.")));
}

function group(folder, sessions) {
  return [h("h2", {}, h("a", { class: "plain", href: `#folders/${folder.id}` }, folder.name)),
    sessions.length ? h("div", { class: "cards" }, sessions.map(card)) : h("p", { class: "soft" }, t("Nothing in it yet."))];
}
