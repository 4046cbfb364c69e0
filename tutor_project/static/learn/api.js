// The only way to the server: the public REST API under /api/v1, with the person's bearer token.

import { language, t } from "./i18n.js";

const BASE = "/api/v1";
const KEPT = "tutor-token";
const BUSY_TRIES = 5;
const LONGEST_PAUSE = 10; // seconds
const FINISHED = new Set(["completed", "failed", "cancelled", "deleted"]);

export class ApiError extends Error {
  constructor(status, body, retryAfter) {
    const errors = body?.errors ?? [];
    const said = errors.map((error) => error.detail).join(" ") || t("The server answered with {status}.", { status });
    super(retryAfter ? `${said} ${t("Try again in {seconds} s.", { seconds: retryAfter })}` : said);
    this.status = status;
    this.retryAfter = Number(retryAfter) || 0;
    this.errors = errors;
    this.codes = errors.map((error) => error.code);
    this.expected = status < 500;
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

class Unreachable extends Error {
  constructor() {
    super(t("The server does not answer. Check the connection and try again; nothing was lost."));
    this.expected = true;
    this.unreachable = true;
  }
}

export const token = {
  get: () => sessionStorage.getItem(KEPT) ?? localStorage.getItem(KEPT),
  keep(value, onThisDevice) {
    token.forget();
    (onThisDevice ? localStorage : sessionStorage).setItem(KEPT, value);
  },
  /** Keep another token where the present one is kept. */
  replace(value) {
    token.keep(value, localStorage.getItem(KEPT) !== null);
  },
  forget() {
    sessionStorage.removeItem(KEPT);
    localStorage.removeItem(KEPT);
  },
  /** A new tab is signed in when another tab is: it asks the others, and waits a moment for an answer. */
  async askOthers() {
    tabs.postMessage({ wanted: true });
    await pause(80);
  },
  /** Tell the other tabs that nobody is signed in any more. */
  tellOthers() {
    tabs.postMessage({ left: true });
  },
};

const tabs = new BroadcastChannel("tutor");
tabs.addEventListener("message", ({ data }) => {
  const known = token.get();
  if (data.wanted && known) tabs.postMessage({ token: known });
  else if (data.token && !known) token.keep(data.token, false);
  else if (data.left && known) signedOutElsewhere();
});

let connection = () => {};
let connected = true;

/** Name what happens when the server is lost (false) and found again (true). */
export function onConnection(listener) {
  connection = listener;
}

const postponed = new Set();

/** Do it when the server is found again. */
export function onceConnected(work) {
  postponed.add(work);
}

function noticed(there) {
  if (there && connected) return;
  connected = there;
  connection(there);
  if (!there) return;
  const due = [...postponed];
  postponed.clear();
  for (const work of due) work();
}

let signedOut = () => {};

function signedOutElsewhere() {
  token.forget();
  signedOut();
}

/** Name what happens when the token is no longer good. */
export function onSignedOut(listener) {
  signedOut = listener;
}

function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function send(method, path, { body, headers = {}, signal } = {}) {
  const options = { method, signal, headers: { Accept: "application/json", "Accept-Language": language, ...headers }, credentials: "omit" };
  const known = token.get();
  if (known) options.headers.Authorization = `Bearer ${known}`;
  if (body instanceof FormData) options.body = body;
  else if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  let response;
  try {
    response = await fetch(BASE + path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    noticed(false);
    throw new Unreachable();
  }
  noticed(true);
  if (response.ok) return response;
  if (response.status === 401 && known) {
    token.forget();
    signedOut();
  }
  const answer = await response.json().catch(() => null);
  throw new ApiError(response.status, answer, response.headers.get("Retry-After"));
}

async function decoded(response) {
  return response.status === 204 ? null : response.json();
}

export async function get(path, signal) {
  return decoded(await send("GET", path, { signal }));
}

export async function blob(path, signal) {
  return (await send("GET", path, { signal, headers: { Accept: "*/*" } })).blob();
}

/** Read, and read again where the server is busy with others for a moment and says for how long. */
export async function patiently(read, tries = BUSY_TRIES) {
  try {
    return await read();
  } catch (error) {
    if (error.status !== 503 || !error.retryAfter || error.retryAfter > LONGEST_PAUSE || tries <= 1) throw error;
    await pause(error.retryAfter * 1000);
    return patiently(read, tries - 1);
  }
}

export async function change(method, path, body) {
  return decoded(await send(method, path, { body }));
}

/** POST with a key: when the connection breaks the same request is sent once more, and is carried out once. */
export async function post(path, body = {}, headers = {}) {
  const request = { body, headers: { "Idempotency-Key": newKey(), ...headers } };
  try {
    return await decoded(await send("POST", path, request));
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return decoded(await send("POST", path, request));
  }
}

/** Every page of a list. */
export async function all(path, limit = 500) {
  const rows = [];
  let next = path;
  while (next && rows.length < limit) {
    const page = await get(next);
    if (Array.isArray(page)) return page;
    rows.push(...(page.results ?? page.folders ?? []));
    next = page.next ? page.next.slice(page.next.indexOf(BASE) + BASE.length) : null;
  }
  return rows;
}

/** Have something made as a job; `progress` hears of each change. Throws when the job did not complete. */
export async function make(path, body, progress, signal) {
  const answer = await post(path, body, { Prefer: "respond-async" });
  return answer?.job_id ? follow(answer.job_id, progress, signal) : answer;
}

/** What a POST gives; where it has to wait for a job, it is repeated when that has ended. */
export async function made(path, body) {
  for (;;) {
    const answer = await post(path, body);
    if (!answer?.job_id) return answer;
    await follow(answer.job_id);
  }
}

export async function follow(jobId, progress = () => {}, signal) {
  for await (const { data } of stream("GET", `/jobs/${jobId}/events`, { signal })) {
    progress(data);
    if (!FINISHED.has(data.status)) continue;
    if (data.status === "completed") return data;
    const error = new Error(data.error_message || t("The work was ended before it was done."));
    error.expected = true;
    throw error;
  }
  throw new Unreachable();
}

/**
 * The server-sent events of a request, as `{event, id, data}`. A broken stream is taken up again after its last id,
 * as long as each try brings something new or fewer than five in a row do not.
 */
export async function* stream(method, path, { body, signal } = {}) {
  let lastId = null;
  for (let tries = 0; tries < 5; tries += 1) {
    if (tries) await pause(300 * 2 ** tries);
    try {
      const headers = { Accept: "text/event-stream", ...(lastId ? { "Last-Event-ID": lastId } : {}) };
      const response = await send(method, path, { body, signal, headers });
      for await (const event of events(response.body)) {
        tries = 0;
        lastId = event.id ?? lastId;
        if (event.event === "error") throw new ApiError(400, { errors: [event.data] });
        yield event;
        if (event.event === "done") return;
      }
    } catch (error) {
      if (error instanceof ApiError || error.name === "AbortError") throw error;
      // Without an id a POST cannot be taken up: sending it again would ask twice.
      if (method !== "GET" && !lastId) throw error;
    }
  }
  throw new Unreachable();
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const frames = (rest + value).split("\n\n");
      rest = frames.pop();
      for (const frame of frames) {
        const event = parsed(frame);
        if (event) yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function parsed(frame) {
  const event = { event: "message", id: null, data: null };
  for (const line of frame.split("\n")) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    const value = line.slice(colon + 1).replace(/^ /, "");
    const name = line.slice(0, colon);
    if (name === "data") event.data = JSON.parse(value);
    else if (name in event) event[name] = value;
  }
  return event.data === null ? null : event;
}

/** Save a file of the API under the name the server gives it. */
export async function download(path, fallback) {
  const response = await send("GET", path, { headers: { Accept: "*/*" } });
  const named = response.headers.get("Content-Disposition") ?? "";
  const name = named.match(/filename\*=UTF-8''([^;]+)/)?.[1] ?? named.match(/filename="([^"]+)"/)?.[1] ?? fallback;
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = decodeURIComponent(name);
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
