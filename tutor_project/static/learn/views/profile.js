// What people change of their account: the name shown, language, time zone, address and password.

import { change, post, token } from "../api.js";
import { button, field, form, h, say, select } from "../dom.js";
import { keepLanguage, LANGUAGES, t } from "../i18n.js";

/** The forms of an account; `renamed` hears of another name. */
export function settings(me, renamed) {
  return [personal(me, renamed), address(me), password(me)];
}

/** The name that password keepers store with a password. */
export function userName(me) {
  return h("input", { class: "hidden", autocomplete: "username", value: me.username, readonly: true, "aria-hidden": "true", tabindex: "-1" });
}

function personal(me, renamed) {
  const save = async (data) => {
    Object.assign(me, await change("PATCH", "/auth/me", { display_name: data.get("display_name"), language: data.get("language") || null, time_zone: data.get("time_zone") }));
    renamed();
    if (keepLanguage(me.language)) location.reload();
    else say(t("Saved."), "good");
  };
  const zones = [...new Set(["UTC", me.time_zone, Intl.DateTimeFormat().resolvedOptions().timeZone, ...Intl.supportedValuesOf("timeZone")])];
  return form({ id: "profile", class: "card" }, save,
    field(t("Name shown"), { id: "display-name", name: "display_name", value: me.display_name, maxlength: 150, autocomplete: "name" }),
    field(t("Language"), { id: "language", name: "language" }, select([["", t("As the browser asks")], ...Object.entries(LANGUAGES)], me.language ?? "")),
    field(t("Time zone"), { id: "time-zone", name: "time_zone" }, select(zones.map((zone) => [zone, zone.replaceAll("_", " ")]), me.time_zone)),
    h("button", { type: "submit" }, t("Save")));
}

function address(me) {
  const save = async (data) => {
    Object.assign(me, await change("PATCH", "/auth/me", { email: data.get("email"), current_password: data.get("current_password") }));
    say(me.email && !me.email_verified ? t("Saved. Open the link in the mail we sent to confirm the address.") : t("Saved."), "good");
  };
  const again = async () => {
    await post("/auth/email/verify");
    say(t("The mail is on its way."), "good");
  };
  return h("details", { class: "card" }, h("summary", {}, t("My e-mail address")),
    me.email && h("p", {}, me.email_verified ? t("{address} is confirmed.", { address: me.email }) : t("{address} is not confirmed yet.", { address: me.email }), " ", !me.email_verified && button(t("Send the mail again"), again, { class: "quiet" })),
    form({}, save, field(t("Address"), { id: "email", name: "email", type: "email", value: me.email, maxlength: 254, autocomplete: "email" }),
      field(t("Your password, to be sure"), { id: "email-password", name: "current_password", type: "password", required: true, autocomplete: "current-password" }),
      h("button", { type: "submit" }, t("Change the address"))));
}

function password(me) {
  const save = async (data, element) => {
    const answer = await post("/auth/password/change", { current_password: data.get("current_password"), new_password: data.get("new_password") });
    token.replace(answer.token);
    element.reset();
    say(t("Changed. You are signed out everywhere else."), "good");
  };
  return h("details", { class: "card" }, h("summary", {}, t("My password")),
    form({}, save, userName(me),
      field(t("Password now"), { id: "current", name: "current_password", type: "password", required: true, autocomplete: "current-password", maxlength: 1024 }),
      field(t("New password, at least 8 characters"), { id: "new", name: "new_password", type: "password", required: true, autocomplete: "new-password", maxlength: 1024 }),
      h("button", { type: "submit" }, t("Change the password"))));
}
