// The learner's page: routes by the address after "#", one view at a time, everything from the REST API.

import { get, onSignedOut, post, token } from "./api.js";
import { forgetTexts } from "./citations.js";
import { button, fill, h, hush, say } from "./dom.js";
import { account } from "./views/account.js";
import { home } from "./views/home.js";
import { reset } from "./views/recovery.js";
import { reviews } from "./views/reviews.js";
import { session } from "./views/session.js";
import { signIn } from "./views/signin.js";

const ROUTES = [
  [/^$/, home],
  [/^reviews$/, reviews],
  [/^account$/, account],
  [/^sessions\/([0-9a-f-]{36})(?:\/([a-z]+))?$/, session],
];
const RESET = /^reset\/([0-9a-z-]{20,})$/; // shown to whoever has the link, signed in or not

const stage = document.getElementById("stage");
const bar = document.getElementById("bar");
let me = null;
let shown = new AbortController();

onSignedOut(() => {
  me = null;
  forgetTexts();
  show().then(() => say("Your sign-in has run out. Sign in again.", "bad"));
});

async function signOut() {
  await post("/auth/logout").catch(() => null);
  token.forget();
  me = null;
  forgetTexts();
  location.hash = "";
  await show();
}

function header() {
  fill(bar, me && [
    h("a", { href: "#" }, "My sessions"),
    h("a", { href: "#reviews" }, "Reviews"),
    h("a", { href: "#account" }, me.username),
    button("Sign out", signOut, { class: "quiet" }),
  ]);
  const here = location.hash.split("/")[0] || "#";
  for (const link of bar.querySelectorAll("a")) {
    if (link.getAttribute("href") === here) link.setAttribute("aria-current", "page");
  }
}

async function show() {
  shown.abort();
  shown = new AbortController();
  const { signal } = shown;
  hush();
  document.getElementById("source").close();
  const view = h("div", { class: "view" });
  try {
    if (token.get() && !me) me = await get("/auth/me");
  } catch (error) {
    if (error.status === 401) return;
    say(error.message, "bad");
  }
  header();
  fill(stage, view);
  const path = location.hash.slice(1);
  const link = RESET.exec(path)?.[1];
  if (link) return reset(view, link);
  if (!me) return signIn(view, show);
  const [pattern, draw] = ROUTES.find(([candidate]) => candidate.test(path)) ?? [];
  if (!draw) return fill(view, h("h1", {}, "There is nothing here"), h("a", { href: "#" }, "Go to my sessions"));
  try {
    await draw(view, { me, signal, parts: pattern.exec(path).slice(1), signOut });
  } catch (error) {
    if (signal.aborted) return;
    fill(view, h("h1", {}, "This cannot be shown"), h("p", {}, error.message), h("a", { href: "#" }, "Go to my sessions"));
    if (!error.expected) console.warn(error);
  }
  if (!signal.aborted) view.querySelector("h1")?.setAttribute("tabindex", "-1");
}

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address after "#" names the view
  stage.focus();
});
window.addEventListener("hashchange", show);
show();
