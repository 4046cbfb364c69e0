// Which documents are asked: all of them, until the learner leaves some out.

import { busy, button, fill, h } from "../dom.js";
import { n, t } from "../i18n.js";

const leftOut = new Map(); // by the address that answers, for as long as the page stands

/**
 * A folded list of `count` documents to ask, read by `documents()` when it is first opened. `chosen()` gives the ids that are
 * asked, null for all; it gives undefined, and tells the learner, where every one was left out.
 */
export function documentPicker({ path, count, documents }) {
  const out = leftOut.get(path) ?? new Set();
  leftOut.set(path, out);
  const summary = h("summary", { "aria-live": "polite" });
  const problem = h("p", { class: "bad-text", role: "alert", hidden: true }, t("Pick at least one document."));
  const boxes = h("div", { class: "picks" });
  const element = h("details", { class: "picker" }, summary, h("fieldset", {}, h("legend", { class: "soft" }, t("Only these documents may answer.")), boxes, problem));
  let listed = null;

  function told() {
    const known = listed?.length ?? count;
    fill(summary, out.size ? n(known, "Asks {picked} of {n} documents", { picked: known - out.size }) : n(known, "Asks all {n} documents"));
    problem.hidden = !listed || out.size < listed.length;
  }

  function box(entry) {
    const control = h("input", { type: "checkbox", value: entry.id, checked: !out.has(entry.id) });
    control.addEventListener("change", () => {
      if (control.checked) out.delete(entry.id);
      else out.add(entry.id);
      told();
    });
    return h("label", { class: "check" }, control, h("span", {}, entry.filename, entry.place && h("span", { class: "soft" }, ` · ${entry.place}`)));
  }

  function every(picked) {
    out.clear();
    if (!picked) for (const entry of listed) out.add(entry.id);
    for (const control of boxes.querySelectorAll("input")) control.checked = picked;
    told();
  }

  async function read() {
    listed = (await documents()).filter((entry) => entry.status === "completed");
    const there = new Set(listed.map((entry) => entry.id));
    for (const id of out) if (!there.has(id)) out.delete(id);
    fill(boxes, h("div", { class: "row" }, button(t("All"), () => every(true), { class: "quiet" }), button(t("None"), () => every(false), { class: "quiet" })),
      h("div", { class: "scrolling" }, listed.map(box)));
    told();
  }

  element.addEventListener("toggle", () => {
    if (element.open && !listed) busy(boxes, read);
  });
  told();
  if (out.size) element.open = true; // what was left out before is said, and can be changed
  return {
    element,
    chosen() {
      if (!listed || !out.size) return null;
      if (out.size < listed.length) return listed.map((entry) => entry.id).filter((id) => !out.has(id));
      element.open = true;
      boxes.querySelector("input")?.focus();
      return undefined;
    },
  };
}
