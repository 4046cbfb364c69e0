"""Terms, concepts and objectives of the built-in analysis against what the authors of chapters marked.

Usage: ``python -m benchmarks.analysis --data DIR`` where DIR holds ``chapters/`` with ``gold.json``. Printed per chapter:
the share of the authors' terms (or key concepts written by hand) that the analysis names, the share of its first ten
names that the authors have too (a floor: a right term that they did not mark counts as wrong), the share of the first
ten that are worth teaching, and how many of the objectives that the file itself states are given. Then the mean and the
worst of the chapters that have such marks. What is worth teaching stands in ``judged_terms.json``: the names that rules
of several kinds put forward, judged by eye as a strict teacher of the subject would; a name judged by nobody counts as wrong.
Last, the processor time that one more document costs a session of some length: to read it, and to join the analysis.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.questions import load
from documents_app.domain.analysis.types import Analysis
from documents_app.domain.study import pack_digest, unpack_digest
from documents_app.engine.analysis import analyse, study_document
from documents_app.engine.joining import join_digests
from tutor_project.language import Language, fold, language
from tutor_project.llm.embeddings import get_embedder

FIRST = 10
JUDGED = Path(__file__).parent / "judged_terms.json"
SESSIONS = (1, 10, 100, 500, 2000)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    arguments = parser.parse_args()
    folder = arguments.data / "chapters"
    if not (folder / "gold.json").is_file():
        print(f"no chapters under {arguments.data}: nothing is measured")
        return 1
    gold = json.loads((folder / "gold.json").read_text())
    judged = json.loads(JUDGED.read_text())
    rows = {name: measured(folder / name, wanted, judged[name]["right"]) for name, wanted in sorted(gold.items())}
    print(f"{'chapter':36} {'found':>7} {'first':>7} {'worth':>7} {'objectives':>11}")
    for name, row in rows.items():
        print(f"{name:36} " + " ".join(map(shown, row.shares)) + f" {row.objectives:>11}  {', '.join(row.names)}")
    for place, label in enumerate(("found", "first ten among the authors'", "first ten worth teaching")):
        values = {name: row.shares[place] for name, row in rows.items() if row.shares[place] is not None}
        worst = min(values, key=lambda name: values[name])
        print(f"{label}: mean {statistics.mean(values.values()):.0%}, worst {values[worst]:.0%} ({worst})")
    measure_growth([folder / name for name in sorted(gold)])
    return 0


def measure_growth(paths: Sequence[Path]) -> None:
    """Print what the last document of sessions of several lengths costs; the chapters serve again and again."""
    embed = get_embedder().embed_documents
    material = load(paths)
    begun = time.process_time()
    stored = [pack_digest(study_document(source, embed).digest) for source in material]
    read = (time.process_time() - begun) / len(material)
    words = sum(len(source.content.text.split()) for source in material) // len(material)
    print(
        f"one more document of {words:,} words is read in {read:.2f} s, stored in {len(max(stored, key=len)):,} bytes"
    )
    for count in SESSIONS:
        rows = [stored[at % len(stored)] for at in range(count)]
        begun = time.process_time()
        join_digests([unpack_digest(row) for row in rows])
        spent = time.process_time() - begun
        print(f"session of {count:4}: joined in {spent:.3f} s, {1000 * spent / count:.2f} ms a document")


class Row(NamedTuple):
    """Of a chapter: the three shares, None where there is nothing to measure by, objectives met, the first ten names."""

    shares: tuple[float | None, ...]
    objectives: str
    names: list[str]


def measured(path: Path, wanted: dict[str, Any], worth: Sequence[str]) -> Row:
    """Return the figures of a chapter; ``worth``: the names judged worth teaching."""
    tongue = language(wanted["language"])
    material = load([path])
    analysis = analyse(material, get_embedder().embed_documents)
    names = first_names(analysis)
    marked = [row["term"] for row in wanted.get("terms") or []]
    by_hand = [row["concept"] for row in wanted.get("key_concepts") or []]
    found = share(marked or by_hand, all_names(analysis), tongue) if marked or by_hand else None
    first = share(names, [*marked, *by_hand], tongue) if marked or by_hand else None
    accepted = {tuple(tongue.content_stems(name)) for name in (*worth, *marked, *by_hand)}
    right = sum(tuple(tongue.content_stems(name)) in accepted for name in names) / FIRST
    text = fold(" ".join(material[0].content.text.split()))
    stated = [row for row in wanted.get("objectives") or [] if fold(row)[:40] in text]
    given = [fold(objective.title) for objective in analysis.objectives]
    met = sum(any(fold(text)[:40] in title for title in given) for text in stated)
    return Row((found, first, right), f"{met}/{len(stated)}" if stated else "–", names)


def shown(value: float | None) -> str:
    """Return a share as a column; a dash where there was nothing to measure by."""
    return f"{'–' if value is None else f'{value:.0%}':>7}"


def first_names(analysis: Analysis) -> list[str]:
    """Return the first ten names a reader sees: concepts by importance."""
    return [concept.name for concept in analysis.concepts[:FIRST]]


def all_names(analysis: Analysis) -> list[str]:
    """Return every name the analysis gives."""
    return [*(concept.name for concept in analysis.concepts), *(term.term for term in analysis.terms)]


def share(names: Sequence[str], known: Iterable[str], tongue: Language) -> float:
    """Return the share of ``names`` that share all their stems with one of ``known``, either way round."""
    if not names:
        return 0.0
    keys = [set(tongue.content_stems(name)) for name in known]
    return sum(
        any(own and (own <= key or key <= own) for key in keys if key)
        for own in (set(tongue.content_stems(n)) for n in names)
    ) / len(names)


if __name__ == "__main__":
    sys.exit(main())
