import { download, follow, get, post, token } from "../api.js";
import { bar, button, field, fill, form, h, say } from "../dom.js";
import { day, duration, money, n, percent, size, t, when } from "../i18n.js";
import { settings, userName } from "./profile.js";

export async function account(view, { me, signal, signOut }) {
  const [figures, spending, usage] = await Promise.all([get("/users/me/analytics?time_range=30d", signal), get("/analytics/spend/remaining", signal), get("/usage", signal)]);
  if (signal.aborted) return;
  const makeExport = async () => {
    const { job_id: jobId } = await post("/users/me/export");
    await follow(jobId, () => {}, signal);
    await download(`/users/me/exports/${jobId}`, "export.zip");
    say(t("Everything the system holds of you is in the file."), "good");
  };
  const erase = async (data) => {
    if (!confirm(t("Erase your account and everything in it? There is no way back."))) return;
    await post("/users/me/erase", { password: data.get("password") });
    token.forget();
    location.hash = "";
    location.reload();
  };
  const everywhere = async () => {
    await post("/auth/logout-all");
    await signOut();
  };
  fill(view, h("h1", {}, me.display_name || me.username),
    h("h2", {}, t("My account")), settings(me),
    h("h2", {}, t("The last 30 days")), lately(figures), allowance(usage, spending),
    h("h2", {}, t("My data")),
    h("p", {}, t("Take along everything the system holds of you, or have it erased.")),
    h("div", { class: "row" }, button(t("Download my data"), makeExport), button(t("Sign out everywhere"), everywhere, { class: "quiet" })),
    h("details", { class: "card" }, h("summary", {}, t("Erase my account")),
      form({}, erase, userName(me), field(t("Your password, to be sure"), { id: "erase", name: "password", type: "password", required: true, autocomplete: "current-password" }),
        h("button", { type: "submit", class: "danger" }, t("Erase everything")))));
}

function lately(figures) {
  const told = [n(figures.sessions, "{n} sessions"), n(figures.answers, "{n} answers"), figures.accuracy === null ? t("nothing graded yet") : t("{share} right", { share: percent(figures.accuracy) }),
    figures.mean_session_time !== null && t("{time} a session", { time: duration(figures.mean_session_time) })];
  const best = Math.max(1, ...figures.series.map((entry) => entry.interactions));
  return [h("div", { class: "figures" }, told.filter(Boolean).map((text) => h("div", { class: "card" }, text))),
    figures.series.length > 0 && h("ul", { class: "mastery" }, [...figures.series].reverse().map((entry) => h("li", {}, h("span", {}, day(entry.day)), bar(entry.interactions / best, n(entry.interactions, "{n} steps")),
      h("span", { class: "soft" }, entry.answers ? t("{right} of {all} right", { right: entry.correct_answers, all: entry.answers }) : n(entry.interactions, "{n} steps")))))];
}

/** What may still be used today, where there is a limit. */
function allowance({ quotas, resets_at: resets }, spending) {
  const words = { bytes: (left) => t("{size} to upload", { size: size(left) }), documents: (left) => n(left, "{n} documents to upload"), generations: (left) => n(left, "{n} plans, lessons and quizzes to have made") };
  const left = quotas.filter((quota) => quota.limit !== null && quota.left < quota.limit / 2).map((quota) => words[quota.name](quota.left));
  if (spending.remaining_usd !== null) left.push(t("{money} for language models", { money: money(spending.remaining_usd) }));
  return left.length > 0 && h("p", { class: "soft" }, t("Left until {when}:", { when: when(resets) }), " ", left.join(" · "));
}
