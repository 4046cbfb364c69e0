import { all, change, get } from "../api.js";
import { button, field, fill, form, h, say } from "../dom.js";
import { n, t } from "../i18n.js";
import { card } from "./home.js";
import { documentPicker } from "./picker.js";
import { conversation } from "./talk.js";

/** One folder: its sessions, and questions to all the material in it. */
export async function folder(view, { signal, parts: [id] }) {
  const [shown, sessions] = await Promise.all([get(`/folders/${id}`, signal), all(`/sessions?folder=${id}`)]);
  if (signal.aborted) return;
  const talk = h("section", { "aria-label": t("Ask") });
  fill(view, heading(shown), h("p", { class: "lead" }, n(shown.document_count, "{n} documents")),
    sessions.length ? h("div", { class: "cards" }, sessions.map(card)) : h("p", { class: "soft" }, t("Nothing in it yet.")),
    shown.document_count > 0 && [h("h2", {}, t("Ask all of it")), talk]);
  if (!shown.document_count) return;
  const path = `/folders/${id}/ask`;
  const documents = async () => (await Promise.all(sessions.map(documentsOf))).flat();
  conversation(talk, { path, signal, focus: false, picker: shown.document_count > 1 && documentPicker({ path, count: shown.document_count, documents }), empty: t("Ask about the material of all sessions in this folder. These answers are not kept.") });
}

async function documentsOf({ id, title }) {
  return (await all(`/sessions/${id}/documents`)).map((entry) => ({ ...entry, place: title }));
}

function heading(shown) {
  const row = h("div", { class: "row head" });
  const again = () => row.replaceWith(heading(shown));
  const rename = () => {
    const save = async (data) => {
      Object.assign(shown, await change("PATCH", `/folders/${shown.id}`, { name: data.get("name").trim() }));
      again();
    };
    fill(row, form({ class: "row grow" }, save, field(t("Name"), { name: "name", required: true, maxlength: 200, value: shown.name }),
      h("button", { type: "submit" }, t("Save")), button(t("Cancel"), again, { class: "quiet" })));
    row.querySelector("input").focus();
  };
  const remove = async () => {
    if (!confirm(t("Delete the folder? Its sessions stay, without a folder."))) return;
    await change("DELETE", `/folders/${shown.id}`);
    location.hash = "";
    say(t("The folder is gone."), "good");
  };
  return fill(row, h("h1", {}, shown.name),
    h("details", { class: "menu" }, h("summary", { "aria-label": t("Folder menu") }, "⋯"),
      h("div", {}, button(t("Rename the folder"), rename, { class: "quiet" }), button(t("Delete the folder"), remove, { class: "quiet danger" }))));
}
