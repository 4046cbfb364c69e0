import { change, post, token } from "../api.js";
import { field, fill, form, h } from "../dom.js";
import { t } from "../i18n.js";
import { forgotten } from "./recovery.js";

/** A class signs in at the same moment: wait for a turn, each for a moment of its own. */
async function patiently(work, tries = 20) {
  try {
    return await work();
  } catch (error) {
    if (!error.codes?.includes("sign_in_busy") || tries === 1) throw error;
    await new Promise((resolve) => setTimeout(resolve, 500 + 1500 * Math.random()));
    return patiently(work, tries - 1);
  }
}

export function signIn(view, done) {
  const enter = (path) => async (data) => {
    const answer = await patiently(() => post(path, Object.fromEntries(["username", "password", "email"].map((name) => [name, data.get(name)]).filter(([, value]) => value))));
    token.keep(answer.token, data.get("stay") === "on");
    if (path.endsWith("register")) await change("PATCH", "/auth/me", { time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone }).catch(() => null); // reviews fall due by the day where the learner is
    await done();
  };
  const fields = (prefix, passwordLabel, passwordHint, ...more) => [
    field(t("User name"), { id: `${prefix}-name`, name: "username", required: true, autocomplete: "username", maxlength: 150 }),
    field(passwordLabel, { id: `${prefix}-password`, name: "password", type: "password", required: true, autocomplete: passwordHint, maxlength: 1024 }),
    more, h("label", { class: "check" }, h("input", { type: "checkbox", name: "stay" }), t("Stay signed in on this device")),
  ];
  fill(view, h("div", { class: "narrow" },
    h("h1", {}, t("Learn from your own material")),
    h("p", { class: "lead" }, t("Upload a chapter or a whole course. You get a plan, a lesson, quizzes and answers, and every sentence shows the passage it rests on.")),
    form({ id: "login", class: "card" }, enter("/auth/login"), fields("login", t("Password"), "current-password"), h("button", { type: "submit" }, t("Sign in"))),
    h("details", { class: "card" }, h("summary", {}, t("I have no account yet")),
      form({ id: "register" }, enter("/auth/register"), fields("new", t("Password, at least 8 characters"), "new-password",
        field(t("E-mail address, for a forgotten password (optional)"), { name: "email", type: "email", maxlength: 254, autocomplete: "email" })), h("button", { type: "submit" }, t("Make an account")))),
    forgotten()));
  view.querySelector("#login-name").focus();
}
