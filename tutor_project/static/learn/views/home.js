import { all, get, post } from "../api.js";
import { fill, form, h, plural, when } from "../dom.js";

function card(session, folders) {
  const folder = folders.find((candidate) => candidate.id === session.folder_id);
  const { total_attempts: attempts, correct_answers: correct } = session.quiz_stats;
  return h("a", { class: "card session", href: `#sessions/${session.id}` },
    h("strong", {}, session.title || "Untitled"),
    h("span", { class: "soft" }, [
      plural(session.document_count, "document"), plural(session.message_count, "message"),
      attempts ? `${correct} of ${attempts} right` : null, folder ? `in ${folder.name}` : null,
    ].filter(Boolean).join(" · ")),
    h("span", { class: "soft" }, session.active ? `last used ${when(session.last_activity_at)}` : "ended"));
}

export async function home(view, { me, signal }) {
  const [sessions, folders, due] = await Promise.all([all("/sessions", 200), all("/folders", 200), get("/reviews/due")]);
  if (signal.aborted) return;
  const wanted = new Set();
  const list = h("div", { class: "cards" });
  const draw = () => {
    const chosen = sessions.filter((session) => !wanted.size || wanted.has(session.folder_id));
    fill(list, chosen.map((session) => card(session, folders)));
    if (!chosen.length) fill(list, h("p", { class: "soft" }, "No session yet. Name one above and add your material to it."));
  };
  const pick = h("select", { "aria-label": "Folder", onchange: (event) => {
    wanted.clear();
    if (event.target.value) wanted.add(event.target.value);
    draw();
  } }, h("option", { value: "" }, "All folders"), folders.map((folder) => h("option", { value: folder.id }, folder.name)));
  const create = async (data) => {
    const name = data.get("folder").trim();
    let folder = folders.find((candidate) => candidate.name === name);
    if (name && !folder) folder = await post("/folders", { name });
    const made = await post("/sessions", { title: data.get("title").trim(), folder_id: folder?.id ?? null });
    location.hash = `#sessions/${made.session_id}`;
  };
  fill(view,
    h("h1", {}, `Hello, ${me.first_name || me.username}`),
    due.results.length > 0 && h("a", { class: "card call", href: "#reviews" },
      h("strong", {}, `${plural(due.results.length, "review")} due today`), h("span", {}, "A few minutes now save an hour later.")),
    form({ id: "new-session", class: "card row grow" }, create,
      h("input", { name: "title", required: true, maxlength: 200, placeholder: "What do you want to learn?", "aria-label": "Title of the new session" }),
      h("input", { name: "folder", maxlength: 200, placeholder: "Folder (optional)", "aria-label": "Folder", list: "folders" }),
      h("datalist", { id: "folders" }, folders.map((folder) => h("option", { value: folder.name }))),
      h("button", { type: "submit" }, "New session")),
    h("div", { class: "row" }, h("h2", {}, "My sessions"), folders.length > 0 && pick),
    list);
  draw();
}
