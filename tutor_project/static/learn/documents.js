// Documents as they are stored: text with its structure, asked for once. The API counts code points, JavaScript units.

import { get } from "./api.js";

const contents = new Map();
const facts = new Map();

function once(kept, id, path) {
  if (!kept.has(id)) {
    const asked = get(path);
    asked.catch(() => kept.delete(id));
    kept.set(id, asked);
  }
  return kept.get(id);
}

/** Forget what is kept, as when somebody else signs in. */
export function forgetDocuments() {
  contents.clear();
  facts.clear();
}

export function details(id) {
  return once(facts, id, `/documents/${id}`);
}

/** The structured content, its text as something that is cut by code points. */
export async function content(id) {
  const stored = await once(contents, id, `/documents/${id}/content?type=structured`);
  stored.cut ??= cutter(stored.text);
  return stored;
}

/** A function that cuts a string by code points. */
export function cutter(text) {
  const points = /[\ud800-\udbff]/.test(text) ? Array.from(text) : null;
  return points ? (start, end) => points.slice(start, end).join("") : (start, end) => text.slice(start, end);
}
