// Pictures of days, each with a caption that says it in words and a table of the same.

import { scrolling } from "./blocks.js";
import { h } from "./dom.js";
import { day, t } from "./i18n.js";

/** `rows` are `[date, value, words]`, a day each; `drawn` makes the picture of them. */
function chart(caption, drawn, rows, heading) {
  return h("figure", { class: "chart" }, h("figcaption", {}, caption), h("div", { "aria-hidden": "true" }, drawn),
    h("details", {}, h("summary", {}, t("As a table")), scrolling(caption, h("table", {},
      h("thead", {}, h("tr", {}, [t("Day"), heading].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, rows.filter(([, value]) => value).map(([date, , words]) => h("tr", {}, h("th", { scope: "row" }, day(date)), h("td", {}, words))))))));
}

function cell(kind, [date, value, words], most) {
  const element = h("div", { class: kind, title: `${day(date)}: ${words}` });
  element.style.setProperty("--value", String(value / most));
  return element;
}

/** A column for each day, as high as its value. */
export function columns(caption, rows, heading) {
  const most = Math.max(1, ...rows.map(([, value]) => value));
  const end = ([date]) => h("span", {}, day(date, { day: "numeric", month: "short" }));
  return chart(caption, [h("div", { class: "columns" }, rows.map((row) => cell("column", row, most))), h("div", { class: "ends soft" }, end(rows[0]), end(rows.at(-1)))], rows, heading);
}

/** A square for each day, a week a column, the fuller the more happened. */
export function calendar(caption, rows, heading) {
  const most = Math.max(1, ...rows.map(([, value]) => value));
  const before = (new Date(`${rows[0][0]}T00:00:00Z`).getUTCDay() + 6) % 7; // weeks begin on Monday
  return chart(caption, h("div", { class: "calendar" }, Array.from({ length: before }, () => h("div")), rows.map((row) => cell("square", row, most))), rows, heading);
}
