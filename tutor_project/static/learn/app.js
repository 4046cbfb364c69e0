// The learner's page: routes by the address after "#", one view at a time, everything from the REST API.

import { get, onConnection, onSignedOut, post, token } from "./api.js";
import { button, complain, fill, h, hush, say } from "./dom.js";
import { forgetDocuments } from "./documents.js";
import { keepLanguage, t } from "./i18n.js";
import { account } from "./views/account.js";
import { folder } from "./views/folder.js";
import { home } from "./views/home.js";
import { reset } from "./views/recovery.js";
import { reviews } from "./views/reviews.js";
import { session } from "./views/session.js";
import { signIn } from "./views/signin.js";
import { closeSources } from "./viewer.js";

const NAME = "AI Tutor";
const LOOK_AGAIN_AFTER = 3000;
const ROUTES = [
  [/^$/, home],
  [/^reviews$/, reviews],
  [/^account$/, account],
  [/^folders\/([0-9a-f-]{36})$/, folder],
  [/^sessions\/([0-9a-f-]{36})(?:\/([a-z]+)(?:\/(\d+))?)?$/, session],
];
const RESET = /^reset\/([0-9a-z-]{20,})$/; // shown to whoever has the link, signed in or not

const stage = document.getElementById("stage");
const bar = document.getElementById("bar");
const offline = document.getElementById("offline");
let me = null;
let shown = new AbortController();
let failed = false;
let looking = null; // the next time that the server is looked for
let moved = false;

onSignedOut(() => {
  me = null;
  forgetDocuments();
  show().then(() => say(t("Your sign-in has run out. Sign in again."), "bad"));
});

onConnection((there) => {
  offline.hidden = there;
  fill(offline, t("No connection. What you see stays here; the page goes on when the connection is back."));
  if (there) return failed || stage.querySelector("[data-job]") ? show() : null; // what was being read goes on
  looking ??= setTimeout(() => {
    looking = null;
    get("/auth/me").catch(() => {});
  }, LOOK_AGAIN_AFTER);
  return null;
});

async function signOut() {
  await post("/auth/logout").catch(() => null);
  token.forget();
  token.tellOthers();
  me = null;
  forgetDocuments();
  location.hash = "";
  await show();
}

function header() {
  fill(bar, me && [
    h("a", { href: "#" }, t("My sessions")),
    h("a", { href: "#reviews" }, t("Reviews")),
    h("a", { href: "#account" }, me.display_name || me.username),
    button(t("Sign out"), signOut, { class: "quiet" }),
  ]);
  const here = location.hash.split("/")[0] || "#";
  for (const link of bar.querySelectorAll("a")) {
    if (link.getAttribute("href") === here) link.setAttribute("aria-current", "page");
  }
}

/** Read who is signed in; the language of the account may ask for the page to be read again. */
async function recognise() {
  if (!token.get()) await token.askOthers();
  if (!token.get() || me) return;
  me = await get("/auth/me");
  if (keepLanguage(me.language)) location.reload();
}

async function show() {
  shown.abort();
  shown = new AbortController();
  const { signal } = shown;
  hush();
  closeSources();
  try {
    await recognise();
  } catch (error) {
    if (error.status === 401) return;
    complain(error);
  }
  header();
  const view = h("div", { class: "view" });
  fill(stage, view);
  await draw(view, location.hash.slice(1), signal);
  if (!signal.aborted) arrive(view);
}

async function draw(view, path, signal) {
  failed = false;
  const link = RESET.exec(path)?.[1];
  if (link) return reset(view, link);
  if (!me) {
    failed = token.get() !== null; // whoever is signed in waits for the server, not for a form
    return failed ? fill(view, h("h1", {}, t("The server does not answer")), button(t("Try again"), show)) : signIn(view, show);
  }
  const [pattern, drawn] = ROUTES.find(([candidate]) => candidate.test(path)) ?? [];
  if (!drawn) return fill(view, h("h1", {}, t("There is nothing here")), h("a", { href: "#" }, t("Go to my sessions")));
  try {
    return await drawn(view, { me, signal, parts: pattern.exec(path).slice(1), signOut, renamed: header });
  } catch (error) {
    if (signal.aborted) return null;
    failed = true;
    if (!error.expected) console.warn(error);
    return fill(view, h("h1", {}, t("This cannot be shown")), h("p", {}, error.message), h("div", { class: "row" }, error.unreachable && button(t("Try again"), show), h("a", { href: "#" }, t("Go to my sessions"))));
  }
}

/** Name the view in the title, and go to its heading when the learner came here from another view. */
function arrive(view) {
  const heading = view.querySelector("h1");
  const tab = view.querySelector(".tabs [aria-current]")?.textContent;
  document.title = [tab, heading?.textContent, NAME].filter(Boolean).join(" · ");
  heading?.setAttribute("tabindex", "-1");
  if (moved && !view.contains(document.activeElement)) heading?.focus({ preventScroll: Boolean(tab) });
  moved = true;
}

const skip = document.querySelector(".skip");
skip.textContent = t("Skip to the content");
skip.addEventListener("click", (event) => {
  event.preventDefault(); // the address after "#" names the view
  stage.focus();
});
addEventListener("hashchange", show);
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  hush();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
show();
