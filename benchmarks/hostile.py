"""Reads every hostile file in the sandbox and writes the table of outcomes.

    python -m benchmarks.hostile [--data DIR] [--write docs/extraction.md]

``--data DIR`` adds the files in ``DIR/pdf``, ``DIR/chapters`` and ``DIR/odd``; ``--only-data`` leaves the generated corpus out.
Exit status 1 if any file crashed the reading process, hung it, or ended without a named outcome.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.made.hostile_files import corpus
from documents_app.domain.blocks import check_tiling
from documents_app.domain.chunking import chunk
from documents_app.domain.errors import ExtractionError
from documents_app.domain.material import DocumentText
from documents_app.extraction import sandbox
from documents_app.extraction.limits import DEFAULT_LIMITS

_BAD = frozenset({"extraction_crashed", "extraction_failed", "broken_spans"})
_LIMITS = replace(DEFAULT_LIMITS, use_ocr=False, readers=2)  # as the worker reads
FOLDERS = ("pdf", "chapters", "odd")
_NEIGHBOUR = b"A good neighbour is read before and after. It stays readable."


@dataclass(frozen=True)
class Outcome:
    """What became of one file; ``seconds`` is wall time, chunking included."""

    name: str
    size: int
    code: str
    seconds: float
    pages: int = 0
    chars: int = 0


def main() -> int:
    """Run the corpus and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with pdf/, chapters/ and odd/ folders")
    parser.add_argument("--only-data", action="store_true", help="without the generated corpus")
    parser.add_argument("--write", type=Path, help="write the table to this Markdown file")
    arguments = parser.parse_args()
    sandbox.warm_up()
    outcomes = []
    for name, source in _files(arguments.data, generated=not arguments.only_data):
        outcomes.append(_outcome(name, source))
        print(_row(outcomes[-1]), flush=True)
    sandbox.close()
    if not outcomes:
        return 0
    print(f"\n{_summary(outcomes)}")
    if arguments.write:
        _write(arguments.write, outcomes)
    return 1 if any(outcome.code in _BAD for outcome in outcomes) else 0


def _files(data: Path | None, *, generated: bool) -> Iterator[tuple[str, bytes | Path]]:
    if generated:
        yield from corpus()
    folders = [data / name for name in FOLDERS if (data / name).is_dir()] if data else []
    if not folders:
        print(f"No --data folder with {', '.join(FOLDERS)}: nothing of it is read.", file=sys.stderr)
    for path in (path for folder in folders for path in sorted(folder.iterdir())):
        if path.is_file():
            yield path.name, path


def _outcome(name: str, source: bytes | Path) -> Outcome:
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    started = time.perf_counter()
    try:
        document = sandbox.extract(source, name, _LIMITS)
    except ExtractionError as error:
        return Outcome(name, size, error.code, time.perf_counter() - started)
    try:
        code = "ok" if _is_sound(document) else "broken_spans"
    except ValueError:  # blocks or marks that overlap or are outside of the text
        code = "broken_spans"
    seconds = time.perf_counter() - started
    if sandbox.extract(_NEIGHBOUR, "neighbour.txt", _LIMITS).text.encode() != _NEIGHBOUR:
        code = "broken_spans"
    return Outcome(name, size, code, seconds, len(document.pages), len(document.text))


def _is_sound(document: DocumentText) -> bool:
    """Whether every span slices back and the text holds nothing a store refuses."""
    text = document.text
    if any(char < " " and char not in "\n\t\f" for char in set(text)) or text != text.encode().decode():
        return False
    if any(text[h.char_start : h.char_end].split() != h.text.split() for h in document.headings):
        return False
    check_tiling(document.blocks, len(text))
    return all(part.text and text[part.char_start : part.char_end] == part.text for part in chunk(document))


def _row(outcome: Outcome) -> str:
    name = outcome.name.encode("unicode_escape").decode()
    shown = name if len(name) <= 60 else f"{name[:57]}..."
    read = f"{outcome.pages} pages, {outcome.chars:,} characters" if outcome.code == "ok" else ""
    return f"| {shown} | {outcome.size:,} | {outcome.code} | {outcome.seconds:.2f} | {read} |"


def _summary(outcomes: list[Outcome]) -> str:
    counts = Counter(outcome.code for outcome in outcomes)
    slowest = max(outcomes, key=lambda outcome: outcome.seconds)
    codes = ", ".join(f"{code} {count}" for code, count in counts.most_common())
    return f"{len(outcomes)} files: {codes}. Slowest: {slowest.name} in {slowest.seconds:.1f} s."


def _write(path: Path, outcomes: list[Outcome]) -> None:
    text = path.read_text(encoding="utf-8") if path.exists() else "# Extraction\n"
    head = text.split("\n## Hostile files", 1)[0].rstrip()
    table = "\n".join(_row(outcome) for outcome in outcomes)
    path.write_text(
        f"{head}\n\n## Hostile files\n\n{_summary(outcomes)}\n\n"
        "Made by `python -m benchmarks.hostile`; a code other than `ok` is the named failure that the API shows.\n\n"
        f"| file | bytes | outcome | seconds | read |\n|---|---:|---|---:|---|\n{table}\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    raise SystemExit(main())
