// The words of the page. English stands in the code; other languages are data beside it, read before any view is.

export const LANGUAGES = { en: "English", de: "Deutsch", es: "Español", fr: "Français", pt: "Português" };
const KEPT = "tutor-language";

let words = {};
let forms = new Intl.PluralRules("en");
let locale = "en"; // how numbers and dates are written: the browser's variety of the language
export let language = "en";

/** The language the account asks for, else the first of the browser's that there is. */
function wanted() {
  const asked = [localStorage.getItem(KEPT), ...navigator.languages].map((tag) => (tag ?? "").slice(0, 2).toLowerCase());
  return asked.find((tag) => tag in LANGUAGES) ?? "en";
}

export async function readWords() {
  language = wanted();
  locale = navigator.languages.find((tag) => tag.startsWith(language)) ?? language;
  forms = new Intl.PluralRules(language);
  document.documentElement.lang = language;
  const answer = await fetch(new URL(`languages/${language}.json`, import.meta.url));
  words = answer.ok ? await answer.json() : {};
}

/** Keep the language of the account (null: the browser's); true when the page has to be read again to speak it. */
export function keepLanguage(tag) {
  if (tag) localStorage.setItem(KEPT, tag);
  else localStorage.removeItem(KEPT);
  return wanted() !== language;
}

/** The text in the language of the page, `{name}` filled in from `values`. */
export function t(text, values = {}) {
  return filled(words[text] ?? text, values);
}

/** The form of the text that goes with a count: `{n}` is the count. */
export function n(count, text, values = {}) {
  const found = words[text];
  return filled(found?.[forms.select(count)] ?? found?.other ?? text, { n: number(count), ...values });
}

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (hole, name) => values[name] ?? hole);
}

export function number(value, digits = 0) {
  return value.toLocaleString(locale, { maximumFractionDigits: digits });
}

export function percent(share) {
  return share.toLocaleString(locale, { style: "percent" });
}

export function money(value) {
  return value.toLocaleString(locale, { style: "currency", currency: "USD" });
}

export function when(iso) {
  return new Date(iso).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });
}

export function dayOf(iso) {
  return new Date(iso).toLocaleDateString(locale, { dateStyle: "medium" });
}

/** A day such as 2026-05-04, without a time zone, as people write it. */
export function day(date, options = { dateStyle: "medium" }) {
  return new Date(`${date}T00:00:00Z`).toLocaleDateString(locale, { timeZone: "UTC", ...options });
}

export function duration(seconds) {
  const unit = seconds < 60 ? "second" : seconds < 3600 ? "minute" : "hour";
  const value = seconds / { second: 1, minute: 60, hour: 3600 }[unit];
  return value.toLocaleString(locale, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: unit === "hour" ? 1 : 0 });
}

export function size(bytes) {
  const large = bytes >= 1024 * 1024;
  return (large ? bytes / 1024 / 1024 : Math.max(1, bytes / 1024)).toLocaleString(locale,
    { style: "unit", unit: large ? "megabyte" : "kilobyte", maximumFractionDigits: large ? 1 : 0 });
}

export function list(items) {
  return new Intl.ListFormat(locale).format(items);
}
