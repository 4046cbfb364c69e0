// What people change of their account: the name shown, language, time zone, address and password.

import { change, post, token } from "../api.js";
import { button, form, h, say } from "../dom.js";

const LANGUAGES = [["", "As the browser asks"], ["en", "English"], ["de", "Deutsch"], ["es", "Español"], ["fr", "Français"], ["pt", "Português"]];

function field(id, label, attributes) {
  return [h("label", { for: id }, label), h("input", { id, ...attributes })];
}

function personal(me) {
  const save = async (data) => {
    Object.assign(me, await change("PATCH", "/auth/me", { display_name: data.get("display_name"), language: data.get("language") || null, time_zone: data.get("time_zone") }));
    say("Saved.", "good");
  };
  const zones = [...new Set(["UTC", me.time_zone, Intl.DateTimeFormat().resolvedOptions().timeZone, ...Intl.supportedValuesOf("timeZone")])];
  const options = (choices, chosen) => choices.map(([value, text]) => h("option", { value, selected: value === chosen }, text));
  return form({ id: "profile", class: "card" }, save,
    field("display-name", "Name shown", { name: "display_name", value: me.display_name, maxlength: 150, autocomplete: "name" }),
    h("label", { for: "language" }, "Language"), h("select", { id: "language", name: "language" }, options(LANGUAGES, me.language ?? "")),
    h("label", { for: "time-zone" }, "Time zone"), h("select", { id: "time-zone", name: "time_zone" }, options(zones.map((zone) => [zone, zone]), me.time_zone)),
    h("button", { type: "submit" }, "Save"));
}

function address(me) {
  const save = async (data) => {
    Object.assign(me, await change("PATCH", "/auth/me", { email: data.get("email"), current_password: data.get("password") }));
    say(me.email && !me.email_verified ? "Saved. Open the link in the mail we sent to confirm the address." : "Saved.", "good");
  };
  const again = async () => {
    await post("/auth/email/verify");
    say("The mail is on its way.", "good");
  };
  return h("details", { class: "card" }, h("summary", {}, "My e-mail address"),
    me.email && h("p", {}, `${me.email} is ${me.email_verified ? "confirmed" : "not confirmed yet"}. `, !me.email_verified && button("Send the mail again", again, { class: "quiet" })),
    form({}, save, field("email", "Address", { name: "email", type: "email", value: me.email, maxlength: 254, autocomplete: "email" }),
      field("email-password", "Your password, to be sure", { name: "password", type: "password", required: true, autocomplete: "current-password" }),
      h("button", { type: "submit" }, "Change the address")));
}

function password(me) {
  const save = async (data) => {
    const answer = await post("/auth/password/change", { current_password: data.get("current"), new_password: data.get("new") });
    token.replace(answer.token);
    say("Changed. You are signed out everywhere else.", "good");
  };
  return h("details", { class: "card" }, h("summary", {}, "My password"),
    form({}, save, h("input", { class: "hidden", autocomplete: "username", value: me.username, readonly: true }),
      field("current", "Password now", { name: "current", type: "password", required: true, autocomplete: "current-password", maxlength: 1024 }),
      field("new", "New password", { name: "new", type: "password", required: true, autocomplete: "new-password", maxlength: 1024 }),
      h("button", { type: "submit" }, "Change the password")));
}

export function settings(me) {
  return [personal(me), address(me), password(me)];
}
