// Elements are built, never parsed: text from the API can only ever become text.

import { t } from "./i18n.js";

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
  return add(element, children);
}

/** A word that was parted where a line of paper ended (U+2010) is whole again. */
export function whole(text) {
  return text.replace(/\u2010\n\s*/g, "");
}

export function add(parent, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : whole(String(child)));
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

/** A button that runs `work` once at a time and says what went wrong. */
export function button(label, work, attributes = {}) {
  const element = h("button", { type: "button", ...attributes }, label);
  element.addEventListener("click", () => busy(element, work));
  return element;
}

/** Run `work` with the control switched off; a failure is shown and given back as undefined. */
export async function busy(control, work, failed = complain) {
  if (control.getAttribute("aria-busy") === "true") return undefined;
  const focused = document.activeElement === control;
  hush(); // what was said of the step before is over
  control.setAttribute("aria-busy", "true");
  control.disabled = true;
  try {
    return await work();
  } catch (error) {
    failed(error);
    return undefined;
  } finally {
    control.removeAttribute("aria-busy");
    control.disabled = false;
    // Switching a control off takes the focus from it: whoever types goes on where they were.
    if (focused && control.isConnected && document.activeElement === document.body) control.focus({ preventScroll: true });
  }
}

/** Tell the learner of a failure; one that nobody foresaw is for the console as well. */
export function complain(error) {
  if (error.name === "AbortError") return;
  say(error.message, "bad");
  if (!error.expected) console.warn(error);
}

let numbered = 0;

/** A label and its control, `input` unless another element is given. */
export function field(label, attributes, control = h("input")) {
  const id = attributes.id ?? `field-${(numbered += 1)}`;
  for (const [name, value] of Object.entries({ ...attributes, id })) {
    if (value !== null && value !== undefined && value !== false) control.setAttribute(name, value === true ? "" : String(value));
  }
  return h("div", { class: "field" }, h("label", { for: id }, label), control);
}

export function select(choices, chosen) {
  return h("select", {}, choices.map(([value, text]) => h("option", { value, selected: value === chosen }, text)));
}

/** A form whose button is off while `work(FormData, form)` runs. What is wrong with a field is said beside it. */
export function form(attributes, work, ...children) {
  const element = h("form", attributes, children);
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    forgive(element);
    const submit = event.submitter ?? element.querySelector("[type=submit]");
    busy(submit, () => work(new FormData(element), element), (error) => beside(element, error) || complain(error));
  });
  return element;
}

/** Say what is wrong with a field beside the field and go there; false when no field of the form is meant. */
function beside(element, error) {
  const placed = (error.errors ?? []).filter(({ attr }) => attr && element.elements[attr] instanceof HTMLElement);
  if (!placed.length || placed.length < error.errors.length) return false;
  for (const { attr, detail } of placed) {
    const control = element.elements[attr];
    const id = `${control.id || attr}-error`;
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", id);
    control.after(h("p", { class: "bad-text", id, role: "alert" }, detail));
  }
  element.elements[placed[0].attr].focus();
  return true;
}

function forgive(element) {
  for (const control of element.querySelectorAll("[aria-invalid]")) {
    document.getElementById(control.getAttribute("aria-describedby"))?.remove();
    control.removeAttribute("aria-invalid");
    control.removeAttribute("aria-describedby");
  }
}

let leaving = null;

/** Say something to the person, out loud for those who listen: kind is "good", "bad" or empty. One thing at a time. */
export function say(text, kind = "") {
  const place = document.getElementById("notice");
  clearTimeout(leaving);
  fill(place, h("span", {}, text), h("button", { type: "button", class: "quiet icon", "aria-label": t("Close"), onclick: hush }, "×"));
  place.className = `notice ${kind}`;
  place.hidden = false;
  if (kind !== "bad") leaving = setTimeout(hush, 8000);
}

export function hush() {
  document.getElementById("notice").hidden = true;
}
