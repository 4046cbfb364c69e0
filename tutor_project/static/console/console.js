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

// The theme's hints are icons with a name; a name needs a role to be read out.
addEventListener("load", () => setTimeout(() => {
  for (const hint of document.querySelectorAll(".help-tooltip[aria-label]")) hint.setAttribute("role", "img");
}));
