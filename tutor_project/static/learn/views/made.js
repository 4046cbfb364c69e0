import { h } from "../dom.js";
import { t } from "../i18n.js";

/** Who wrote something, and why it was not the model where it stood in. */
export function madeBy({ engine, model, notice }) {
  return [h("p", { class: "soft made-by" }, engine === "model" ? t("Written by {model}", { model: model ?? t("a language model") }) : t("Put together from your material, without a language model")),
    notice && h("p", { class: "notice" }, notice)];
}
