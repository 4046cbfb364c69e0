"""Reads every odd input in the sandbox and compares it with what is right.

    python -m benchmarks.odd_files --data DIR [--write docs/extraction.md]

``DIR/odd`` holds the inputs, ``odd_cases.json`` what is right for each: markers that must survive (``keep``; of a list one is
enough), be found once (``once``), be gone (``lose``), be gone or furniture (``untaught``), be headings (``headings``), stand in
one column of a table (``above``) or be found when line ends are undone (``search``); codes with which a refusal is right
(``refuse``, "*" any, with a word that it must say: ``says``); a warning that must be there (``warn``, ``warn_says``), or that is right
instead (``or_warn``); what must survive where the pages were recognised in their pictures instead
(``or_recognised``, with a warning that says so; that is right where tesseract is installed). Exit status 1 if any case is wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.support.marked import write_between_marks
from documents_app.domain.blocks import BlockKind
from documents_app.domain.errors import ExtractionError
from documents_app.domain.material import DocumentText
from documents_app.domain.normalise import search_form
from documents_app.extraction import sandbox
from documents_app.extraction.pdf.notes import Note

_CASES = Path(__file__).parent / "odd_cases.json"


@dataclass(frozen=True)
class Outcome:
    """One case: what is wrong ("" for nothing) and what was got, in a few words."""

    name: str
    wrong: str
    got: str


def main() -> int:
    """Run the cases and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with an odd/ folder of inputs")
    parser.add_argument("--write", type=Path, help="write the table to this Markdown file, between its two marks")
    arguments = parser.parse_args()
    folder = arguments.data / "odd"
    if not folder.is_dir():
        print(f"{folder} is absent; nothing was measured.")
        return 0
    cases = json.loads(_CASES.read_text("utf-8"))
    sandbox.warm_up()
    outcomes = [_outcome(folder / name, case) for name, case in sorted(cases.items()) if (folder / name).is_file()]
    sandbox.close()
    lines = ["| case | right | got |", "|---|---|---|", *(_row(outcome) for outcome in outcomes)]
    right = sum(not outcome.wrong for outcome in outcomes)
    summary = f"{right} of {len(outcomes)} cases are right."
    print("\n".join([*lines, "", summary]))
    if arguments.write:
        write_between_marks(arguments.write, "odd files", "\n".join([summary, "", *lines]))
    return 0 if right == len(outcomes) else 1


def _outcome(path: Path, case: dict[str, Any]) -> Outcome:
    try:
        document = sandbox.extract(path, path.name)
    except ExtractionError as error:
        return Outcome(path.name, _wrong_refusal(error, case), error.code)
    wrong = ", ".join(_faults(document, case))
    if wrong and case.get("or_warn") and document.warnings:
        wrong = ""
    warned = "".join(f", {code}" for code in sorted({warning.code for warning in document.warnings}))
    return Outcome(path.name, wrong, f"{len(document.text)} characters{warned}")


def _wrong_refusal(error: ExtractionError, case: dict[str, Any]) -> str:
    codes = case.get("refuse", [])
    if "*" not in codes and error.code not in codes:
        return f"refused as {error.code}"
    said = str(case.get("says", ""))
    return "" if said.lower() in error.message.lower() else f"does not say {said}"


def _faults(document: DocumentText, case: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a document that was read."""
    recognised = any(warning.code == Note.PAGE_RECOGNISED for warning in document.warnings)
    if recognised and "or_recognised" in case:
        yield from (f"lost {entry}" for entry in case["or_recognised"] if not _has_one(document.text, entry))
        return
    if "refuse" in case and "keep" not in case and "warn" not in case:
        yield "not refused"
    text = document.text
    yield from (f"lost {entry}" for entry in case.get("keep", ()) if not _has_one(text, entry))
    yield from (f"{entry} {text.count(entry)} times" for entry in case.get("once", ()) if text.count(entry) != 1)
    yield from (f"kept {entry}" for entry in case.get("lose", ()) if entry in text)
    furniture = {document.text[start:end] for start, end in document.furniture}
    taught = "\n".join(text[b.char_start : b.char_end] for b in document.blocks if b.kind is not BlockKind.FURNITURE)
    yield from (f"taught {entry}" for entry in case.get("untaught", ()) if entry in taught and entry not in furniture)
    headings = {heading.text for heading in document.headings}
    yield from (f"no heading {entry}" for entry in case.get("headings", ()) if entry not in headings)
    yield from (
        f"{below} not below {above}"
        for above, below in case.get("above", ())
        if not _in_one_column(document, above, below)
    )
    found = search_form(text)
    yield from (f"not found: {entry}" for entry in case.get("search", ()) if entry not in found)
    yield from _missing_warning(document, case)


def _missing_warning(document: DocumentText, case: dict[str, Any]) -> Iterator[str]:
    code, said = case.get("warn"), case.get("warn_says", "")
    if code and not any(warning.code == code and said in warning.detail for warning in document.warnings):
        yield f"no warning {code} {said}".rstrip()


def _has_one(text: str, entry: str | list[str]) -> bool:
    return any(choice in text for choice in ([entry] if isinstance(entry, str) else entry))


def _in_one_column(document: DocumentText, above: str, below: str) -> bool:
    return any(
        above in column and below in column for table in document.tables for column in zip(*table.cells, strict=False)
    )


def _row(outcome: Outcome) -> str:
    wrong = outcome.wrong.replace("|", "\\|").replace("\n", " ")
    return f"| {outcome.name} | {f'**no**: {wrong}' if wrong else 'yes'} | {outcome.got} |"


if __name__ == "__main__":
    sys.exit(main())
