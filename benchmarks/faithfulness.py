"""How much of what a file says is in its stored text, beside the usual LangChain loader of its format.

    python -m benchmarks.faithfulness [--sections 40] [--langchain PYTHON] [--write docs/extraction.md]

Files are made by rule (``faithfulness_samples``), so every word, number, symbol and formula in them is known. Counted is
the share of each that stands in the text in order, white space aside; a raised or lowered figure counts only if it can be
told from a plain one (10⁵ or 10^5, never 105). ``--langchain`` names the interpreter of an environment with
``benchmarks/rivals/requirements-faithfulness.txt``; both sides read the same files in one run. Exit status 1 if the project
keeps less than 99.5 % of the words or less than all numbers and symbols of a format.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.made import faithfulness_office
from benchmarks.made.faithfulness_samples import WRITERS, Piece, sections
from benchmarks.support.marked import write_between_marks
from documents_app.extraction.registry import extract

KINDS = ("word", "number", "symbol", "formula")
_LEAST = {"word": 0.995, "number": 1.0, "symbol": 1.0, "formula": 1.0}


def main() -> int:
    """Write the files, read them on both sides, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sections", type=int, default=40, help="sections in each file")
    parser.add_argument("--langchain", type=Path, help="interpreter of the environment with LangChain's loaders")
    parser.add_argument("--write", type=Path, help="write the table to this Markdown file, between its two marks")
    arguments = parser.parse_args()
    material = sections(arguments.sections)
    writers = {**{name: (write, lambda piece: True) for name, write in WRITERS.items()}, **faithfulness_office.WRITERS}
    written = {name: [section.only(held) for section in material] for name, (_, held) in writers.items()}
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in writers]
        for path in paths:
            path.write_bytes(writers[path.name][0](written[path.name]))
        ours = {path.name: extract(path, path.name).text for path in paths}
        theirs = _langchain(arguments.langchain, paths) if arguments.langchain else {}
    everything = Counter(piece.kind for section in material for piece in section.pieces())
    held = ", ".join(f"{count} {kind}s" for kind, count in everything.items())
    head = " | ".join(f"{kind}s" for kind in KINDS)
    lines = [
        f"{held}; a file has those that its format can hold.",
        "",
        f"| file | {head} | LangChain loader | {head} |",
    ]
    lines.append("|" + "---|" * (2 + 2 * len(KINDS)))
    good = True
    for name, text in ours.items():
        pieces = [piece for section in written[name] for piece in section.pieces()]
        kept = shares(pieces, text)
        good = good and all(kept.get(kind, 1.0) >= _LEAST[kind] for kind in KINDS)
        loader, other = theirs.get(name, ("not run", None))
        beside = shares(pieces, other) if other is not None else {}
        lines.append(f"| {name} | {_row(kept)} | {loader} | {_row(beside)} |")
    print("\n".join(lines))
    if arguments.write:
        write_between_marks(arguments.write, "faithfulness", "\n".join(lines))
    return 0 if good else 1


def shares(pieces: Sequence[Piece], text: str) -> dict[str, float]:
    """Return the share of pieces of each kind that stand in ``text`` in order, white space aside."""
    squeezed = "".join(text.split())
    total, found = Counter[str](), Counter[str]()
    position = 0
    anchored = [piece for piece in pieces if piece.kind == "word"]
    places = _places(anchored, squeezed)
    borders = _borders(pieces, places, len(squeezed))
    for piece, (start, end) in zip(pieces, borders, strict=True):
        total[piece.kind] += 1
        if piece.kind == "word":
            found[piece.kind] += id(piece) in places
            position = start
            continue
        ends = [squeezed.find(spelling, max(start, position), end) for spelling in piece.accepted]
        at = min((place for place in ends if place >= 0), default=-1)
        if at >= 0:
            found[piece.kind] += 1
            position = at + 1
    return {kind: found[kind] / total[kind] for kind in KINDS if total[kind]}


def _places(words: Sequence[Piece], text: str) -> dict[int, int]:
    """Map the words that stand in the text in order to their place; words never come twice."""
    places: dict[int, int] = {}
    position = 0
    for word in words:
        at = text.find(word.base, position)
        if at >= 0:
            places[id(word)] = at
            position = at + len(word.base)
    return places


def _borders(pieces: Sequence[Piece], places: dict[int, int], length: int) -> list[tuple[int, int]]:
    """Return between which places each piece must stand: those of the words around it."""
    starts: list[int] = []
    last = 0
    for piece in pieces:
        last = places.get(id(piece), last - (len(piece.base) if piece.kind == "word" else 0))
        starts.append(max(last, 0))
    ends: list[int] = []
    following = length
    for piece in reversed(pieces):
        ends.append(following)
        following = places.get(id(piece), following)
    return list(zip(starts, reversed(ends), strict=True))


def _row(kept: dict[str, float]) -> str:
    return " | ".join(f"{100 * kept[kind]:.1f} %" if kind in kept else "–" for kind in KINDS)


def _langchain(python: Path, paths: Sequence[Path]) -> dict[str, tuple[str, str | None]]:
    """Return the loader and the text it gives for each file; None where it cannot read it here."""
    script = Path(__file__).parent / "rivals" / "faithfulness_langchain.py"
    done = subprocess.run(
        [str(python), "-I", str(script), *map(str, paths)], capture_output=True, check=True, timeout=600
    )
    return {entry["name"]: (entry["loader"], entry["text"]) for entry in map(json.loads, done.stdout.splitlines())}


if __name__ == "__main__":
    raise SystemExit(main())
