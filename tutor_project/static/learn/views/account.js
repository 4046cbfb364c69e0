import { download, follow, get, post, token } from "../api.js";
import { calendar } from "../charts.js";
import { button, field, fill, form, h, say } from "../dom.js";
import { duration, money, n, percent, size, t, when } from "../i18n.js";
import { settings, userName } from "./profile.js";

const DAYS = 30;

export async function account(view, { me, signal, signOut, renamed }) {
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
  const name = () => me.display_name || me.username;
  const heading = h("h1", {}, name());
  fill(view, heading,
    h("h2", {}, t("My account")), settings(me, () => {
      fill(heading, name());
      renamed();
    }),
    h("h2", {}, t("The last 30 days")), lately(figures), allowance(usage, spending),
    h("h2", {}, t("My data")),
    h("p", {}, t("Take along everything the system holds of you, or have it erased.")),
    h("div", { class: "row" }, button(t("Download my data"), makeExport), button(t("Sign out"), signOut, { class: "quiet" }), button(t("Sign out everywhere"), everywhere, { class: "quiet" })),
    h("details", { class: "card" }, h("summary", {}, t("Erase my account")),
      form({}, erase, userName(me), field(t("Your password, to be sure"), { id: "erase", name: "password", type: "password", required: true, autocomplete: "current-password" }),
        h("button", { type: "submit", class: "danger" }, t("Erase everything")))));
}

function lately(figures) {
  const told = [n(figures.sessions, "{n} sessions"), n(figures.answers, "{n} answers"), figures.accuracy === null ? t("nothing graded yet") : t("{share} right", { share: percent(figures.accuracy) }),
    figures.mean_session_time !== null && t("{time} a session", { time: duration(figures.mean_session_time) })];
  return [h("div", { class: "figures" }, told.filter(Boolean).map((text) => h("div", { class: "card" }, text))),
    calendar(t("Your days"), daysOf(figures.series), t("What you did"))];
}

/** Each of the last days, also those on which nothing happened. */
function daysOf(series) {
  const known = new Map(series.map((entry) => [entry.day, entry]));
  return Array.from({ length: DAYS }, (_, index) => {
    const date = new Date(Date.now() - (DAYS - 1 - index) * 86_400_000).toISOString().slice(0, 10);
    const { interactions = 0, answers = 0, correct_answers: right = 0 } = known.get(date) ?? {};
    const steps = n(interactions, "{n} steps");
    return [date, interactions, answers ? `${steps}, ${t("{right} of {all} right", { right, all: answers })}` : steps];
  });
}

/** What may still be used today, where there is a limit. */
function allowance({ quotas, resets_at: resets }, spending) {
  const words = { bytes: (left) => t("{size} to upload", { size: size(left) }), documents: (left) => n(left, "{n} documents to upload"), generations: (left) => n(left, "{n} plans, lessons and quizzes to have made") };
  const left = quotas.filter((quota) => quota.limit !== null && quota.left < quota.limit / 2).map((quota) => words[quota.name](quota.left));
  if (spending.remaining_usd !== null) left.push(t("{money} for language models", { money: money(spending.remaining_usd) }));
  return left.length > 0 && h("p", { class: "soft" }, t("Left until {when}:", { when: when(resets) }), " ", left.join(" · "));
}
