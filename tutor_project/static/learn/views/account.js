import { download, follow, get, post, token } from "../api.js";
import { bar, button, duration, fill, form, h, percent, plural, say } from "../dom.js";
import { settings } from "./profile.js";

export async function account(view, { me, signal, signOut }) {
  const [figures, money] = await Promise.all([get("/users/me/analytics?time_range=30d", signal), get("/analytics/spend/remaining", signal)]);
  if (signal.aborted) return;
  const makeExport = async () => {
    const { job_id: jobId } = await post("/users/me/export");
    await follow(jobId, () => {}, signal);
    await download(`/users/me/exports/${jobId}`, "export.zip");
    say("Everything the system holds of you is in the file.", "good");
  };
  const erase = async (data) => {
    if (!confirm("Erase your account and everything in it? There is no way back.")) return;
    await post("/users/me/erase", { password: data.get("password") });
    token.forget();
    location.hash = "";
    location.reload();
  };
  const everywhere = async () => {
    await post("/auth/logout-all");
    await signOut();
  };
  const best = Math.max(1, ...figures.series.map((day) => day.interactions));
  fill(view, h("h1", {}, me.display_name || me.username),
    h("h2", {}, "The last 30 days"),
    h("div", { class: "figures" }, [plural(figures.sessions, "session"), plural(figures.answers, "answer"), figures.accuracy === null ? "nothing graded yet" : `${percent(figures.accuracy)} right`,
      `${duration(figures.mean_session_time ?? 0)} a session`].map((text) => h("div", { class: "card" }, text))),
    figures.series.length > 0 && h("table", {}, h("thead", {}, h("tr", {}, ["Day", "Interactions", "Right"].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, [...figures.series].reverse().map((day) => h("tr", {}, h("th", { scope: "row" }, day.day), h("td", { class: "wide" }, bar(day.interactions / best, plural(day.interactions, "interaction"))),
        h("td", {}, day.answers ? `${day.correct_answers} of ${day.answers}` : "–"))))),
    money.remaining_usd !== null && h("p", { class: "soft" }, `$${money.remaining_usd.toFixed(2)} of today's budget is left.`),
    h("h2", {}, "My account"),
    settings(me),
    h("h2", {}, "My data"),
    h("p", {}, "Take along everything the system holds of you, or have it erased."),
    h("div", { class: "row" }, button("Download my data", makeExport), button("Sign out everywhere", everywhere, { class: "quiet" })),
    h("details", { class: "card" }, h("summary", {}, "Erase my account"),
      form({}, erase, h("input", { class: "hidden", autocomplete: "username", value: me.username, readonly: true }), h("label", { for: "erase" }, "Your password, to be sure"), h("input", { id: "erase", name: "password", type: "password", required: true, autocomplete: "current-password" }),
        h("button", { type: "submit", class: "danger" }, "Erase everything"))));
}
