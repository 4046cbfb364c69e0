"""Tables of benchmarks in the guides: written between two marks, so that nobody copies a figure by hand."""

from __future__ import annotations

from pathlib import Path


def write_between_marks(path: Path, name: str, text: str) -> None:
    """Put ``text`` between ``<!-- name -->`` and ``<!-- end of name -->`` of a Markdown file; both marks must be there."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    before, found, rest = path.read_text("utf-8").partition(begin)
    _, ended, after = rest.partition(end)
    if not found or not ended:
        raise SystemExit(f"{path} has no place for the table: add {begin.strip()} and {end.strip()}.")
    path.write_text(f"{before}{begin}\n{text}\n\n{end}{after}", "utf-8")
