// The way back in: a link for a new password, asked for by mail, and the page it leads to.

import { post, token } from "../api.js";
import { fill, form, h, say } from "../dom.js";

export function forgotten() {
  const ask = async (data) => {
    await post("/auth/password/reset", { email: data.get("email") });
    say("If an account has confirmed this address, a link is on its way. It is good for one hour.", "good");
  };
  return h("details", { class: "card" }, h("summary", {}, "I forgot my password"),
    form({ id: "forgotten" }, ask,
      h("label", { for: "forgotten-email" }, "Your e-mail address"),
      h("input", { id: "forgotten-email", name: "email", type: "email", required: true, autocomplete: "email", maxlength: 254 }),
      h("button", { type: "submit" }, "Send me a link"),
      h("p", { class: "soft" }, "Without a confirmed address, ask whoever runs this service for a link.")));
}

export function reset(view, link) {
  const choose = async (data) => {
    await post("/auth/password/reset/confirm", { token: link, new_password: data.get("password") });
    token.forget();
    location.hash = "";
    location.reload();
  };
  fill(view, h("div", { class: "narrow" }, h("h1", {}, "Choose a new password"),
    form({ id: "reset", class: "card" }, choose,
      h("label", { for: "reset-password" }, "New password"),
      h("input", { id: "reset-password", name: "password", type: "password", required: true, autocomplete: "new-password", maxlength: 1024 }),
      h("button", { type: "submit" }, "Set the password"))));
  view.querySelector("#reset-password").focus();
}
