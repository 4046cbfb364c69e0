// Elements are built, never parsed: text from the API can only ever become text.

/**
 * Make an element. `on*` attributes are listeners, `true` sets a bare attribute, null and false leave it out;
 * children may be nodes, strings, numbers, arrays or null.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  add(element, children);
  return element;
}

export function add(parent, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : String(child));
  }
  return parent;
}

export function fill(parent, ...children) {
  parent.replaceChildren();
  return add(parent, children);
}

/** A bar from 0 to 1; `low` and `high` mark an interval on it. Set through the CSSOM, as the page's policy asks. */
export function bar(value, label, low = null, high = null) {
  const element = h("div", { class: "bar", role: "img", "aria-label": label }, h("div", { class: "bar-value" }));
  element.style.setProperty("--value", String(value));
  if (low !== null) {
    element.append(h("div", { class: "bar-range" }));
    element.style.setProperty("--low", String(low));
    element.style.setProperty("--high", String(high));
  }
  return element;
}

export function percent(share) {
  return `${Math.round(share * 100)} %`;
}

export function when(iso) {
  return new Date(iso).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

export function duration(seconds) {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  return seconds < 3600 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

export function plural(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}

/** A button that runs `work` once at a time and says what went wrong beside it. */
export function button(label, work, attributes = {}) {
  const element = h("button", { type: "button", ...attributes }, label);
  element.addEventListener("click", () => busy(element, work));
  return element;
}

/** Run `work` with the control switched off; a failure is shown and given back as undefined. */
export async function busy(control, work) {
  if (control.getAttribute("aria-busy") === "true") return undefined;
  control.setAttribute("aria-busy", "true");
  control.disabled = true;
  try {
    return await work();
  } catch (error) {
    say(error.message, "bad");
    if (!error.expected) console.warn(error);
    return undefined;
  } finally {
    control.removeAttribute("aria-busy");
    control.disabled = false;
  }
}

/** A form whose button is off while `work(FormData)` runs. */
export function form(attributes, work, ...children) {
  const element = h("form", attributes, children);
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    const submit = element.querySelector("[type=submit]");
    busy(submit, () => work(new FormData(element), element));
  });
  return element;
}

let leaving = null;

/** Say something to the person, out loud for those who listen: kind is "good", "bad" or empty. */
export function say(text, kind = "") {
  const place = document.getElementById("notice");
  clearTimeout(leaving);
  fill(place, text, h("button", { type: "button", class: "quiet", "aria-label": "Close", onclick: () => hush() }, "×"));
  place.className = `notice ${kind}`;
  place.hidden = false;
  if (kind !== "bad") leaving = setTimeout(hush, 6000);
}

export function hush() {
  document.getElementById("notice").hidden = true;
}
