import { all, get } from "../api.js";
import { fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { documentPicker } from "./picker.js";
import { conversation, isAsked, messagesOf } from "./talk.js";

const IDEAS = 3;

/** Questions about the material of a session, or of the whole folder it is in. */
export async function ask(panel, { session, signal }) {
  const [messages, known] = await Promise.all([messagesOf(session, signal), get(`/sessions/${session.id}/analysis`, signal)]);
  if (signal.aborted) return;
  const terms = (known.analysis?.terms ?? []).slice(0, IDEAS);
  const talk = h("div");
  fill(panel, session.folder_id && h("p", { class: "soft" }, t("Asks the documents of this session."), " ", h("a", { href: `#folders/${session.folder_id}` }, t("Ask the whole folder"))), talk);
  const path = `/sessions/${session.id}/ask`;
  conversation(talk, {
    path, signal, picker: session.document_count > 1 && documentPicker({ path, count: session.document_count, documents: () => all(`/sessions/${session.id}/documents`, 2000) }), messages: messages.filter(isAsked), open: session.active,
    suggested: terms.map(({ term }) => t("What is {term}?", { term })),
    empty: t("Ask anything your material can answer. What it does not say, the tutor will not make up."),
  });
}
