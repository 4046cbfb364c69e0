// Lists whose rows carry data-row are walked with j and k; x ticks the row. Keys typed into a field are the field's.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input:not([type=checkbox]), select, textarea")) return;
  const rows = [...document.querySelectorAll("[data-row]")];
  const here = rows.findIndex((row) => row.parentElement.contains(document.activeElement) || row === document.activeElement);
  if (event.key === "j" || event.key === "k") {
    const next = rows[here + (event.key === "j" ? 1 : -1)];
    if (next) next.focus();
  } else if (event.key === "x" && here >= 0) {
    rows[here].parentElement.querySelector(":scope > input[type=checkbox]")?.click();
  }
});

// The theme's pages name no main part: those who listen go to it from the menu.
addEventListener("DOMContentLoaded", () => (document.getElementById("main") ?? document.querySelector("#page > div"))?.setAttribute("role", "main"));

// The theme's hints are icons with a name; a name needs a role to be read out.
addEventListener("load", () => setTimeout(() => {
  for (const hint of document.querySelectorAll(".help-tooltip[aria-label]")) hint.setAttribute("role", "img");
  // Its places that scroll are regions, all of one name.
  [...document.querySelectorAll(".simplebar-content-wrapper[role=region]")].forEach((place, index) => {
    place.setAttribute("aria-label", place.closest("#nav-sidebar, #nav-sidebar-apps, nav, aside") ? "Menu" : `Contents ${index + 1}`);
  });
}));

// The theme's choosers search in a field of their own, which takes the name of the choice it serves.
addEventListener("load", () => setTimeout(() => {
  const name = (field, select) => field?.setAttribute("aria-label", select.labels?.[0]?.textContent.trim() || "Search");
  for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
    name(select.nextElementSibling?.querySelector(".select2-search__field"), select);
  }
  // The field for one choice is made when it opens; the theme tells so through its own library alone.
  window.django?.jQuery?.(document).on("select2:open", ({ target }) => {
    name(document.querySelector(".select2-dropdown .select2-search__field"), target);
    const chooser = target.nextElementSibling?.querySelector("[role=combobox][aria-owns]");
    chooser?.setAttribute("aria-controls", chooser.getAttribute("aria-owns"));
  });
}));

// A range is picked on a chart over time by dragging; without a pointer the two fields above do the same.
addEventListener("load", () => {
  for (const canvas of document.querySelectorAll("canvas[data-moments]")) {
    const moments = JSON.parse(canvas.dataset.moments);
    const step = (event) => {
      const { scales } = Chart.getChart(canvas);
      const place = scales.x.getValueForPixel(event.clientX - canvas.getBoundingClientRect().x);
      return Math.min(Math.max(place, 0), moments.length - 2);
    };
    let from = null;
    const shade = document.createElement("div");
    shade.className = "console-drag";
    canvas.parentElement.append(shade);
    const mark = (event) => {
      const frame = canvas.getBoundingClientRect();
      const [left, right] = [from.x, event.clientX].sort((one, other) => one - other);
      shade.style.left = `${Math.max(left, frame.x) - frame.x}px`;
      shade.style.width = `${Math.min(right, frame.right) - Math.max(left, frame.x)}px`;
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.pointerType === "touch") return; // a finger scrolls
      from = { step: step(event), x: event.clientX };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => from && mark(event));
    canvas.addEventListener("pointercancel", () => { from = null; shade.style.width = 0; });
    canvas.addEventListener("pointerup", (event) => {
      if (!from) return;
      const [first, last] = [from.step, step(event)].sort((one, other) => one - other);
      const moved = Math.abs(event.clientX - from.x) > 8;
      from = null;
      shade.style.width = 0;
      if (moved) location.search = new URLSearchParams({ from: moments[first], to: moments[last + 1] });
    });
  }
});
