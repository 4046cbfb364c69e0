// The quote stands in the middle of its passage when the page opens.
for (const mark of document.querySelectorAll(".console-source mark")) {
  const passage = mark.closest(".console-source");
  passage.scrollTop = mark.getBoundingClientRect().top - passage.getBoundingClientRect().top - passage.clientHeight / 3;
}
