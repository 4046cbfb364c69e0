// The way back in: a link for a new password, asked for by mail, and the page it leads to.

import { post, token } from "../api.js";
import { field, fill, form, h, say } from "../dom.js";
import { t } from "../i18n.js";

export function forgotten() {
  const ask = async (data) => {
    await post("/auth/password/reset", { email: data.get("email") });
    say(t("If an account has confirmed this address, a link is on its way. It is good for one hour."), "good");
  };
  return h("details", { class: "card" }, h("summary", {}, t("I forgot my password")),
    form({ id: "forgotten" }, ask,
      field(t("Your e-mail address"), { id: "forgotten-email", name: "email", type: "email", required: true, autocomplete: "email", maxlength: 254 }),
      h("button", { type: "submit" }, t("Send me a link")),
      h("p", { class: "soft" }, t("Without a confirmed address, ask whoever runs this service for a link."))));
}

export function reset(view, link) {
  const choose = async (data) => {
    await post("/auth/password/reset/confirm", { token: link, new_password: data.get("new_password") });
    token.forget();
    location.hash = "";
    location.reload();
  };
  fill(view, h("div", { class: "narrow" }, h("h1", {}, t("Choose a new password")),
    form({ id: "reset", class: "card" }, choose,
      field(t("New password, at least 8 characters"), { id: "reset-password", name: "new_password", type: "password", required: true, autocomplete: "new-password", maxlength: 1024 }),
      h("button", { type: "submit" }, t("Set the password")))));
  view.querySelector("#reset-password").focus();
}
