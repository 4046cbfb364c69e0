"""Whether the judge of learners' summaries puts them in the right order: false < empty phrases < partial < good.

    python -m benchmarks.summaries --data DIR [--part tuned|kept] [--show]

DIR holds ``chapters/``. ``summary_quadruples/quadruples.json`` has four summaries of each of 60 sections, written by hand in
the words of a learner, never copied. Half of them were kept aside while the judge was tuned. Printed for both halves: in
how many quadruples the order is right, for each neighbouring pair, and by language; and how many sentences of the
good and partial summaries, which are faithful, are called unsupported or contradicted.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.support.environment import set_up

set_up()

from documents_app.domain.analysis.types import Analysis, Section  # noqa: E402
from documents_app.domain.material import SourceDocument  # noqa: E402
from documents_app.engine import analyse  # noqa: E402
from documents_app.extraction import registry  # noqa: E402
from documents_app.services.studying import embed_documents  # noqa: E402
from sessions_app.engine.summary_judge import judge_summary  # noqa: E402

QUADRUPLES = Path(__file__).parent / "summary_quadruples" / "quadruples.json"
KINDS = ("false", "empty", "partial", "good")


def main(arguments: list[str]) -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", choices=("tuned", "kept"))
    parser.add_argument("--show", action="store_true", help="print the quadruples that are out of order")
    options = parser.parse_args(arguments)
    rows = [row for row in json.loads(QUADRUPLES.read_text()) if options.part in (None, row["part"])]
    judged = list(_judged(rows, options.data / "chapters"))
    for part in dict.fromkeys(row["part"] for row in rows):
        _print(part, [(row, found) for row, found in judged if row["part"] == part])
    for tag in dict.fromkeys(row["language"] for row in rows):
        own = [found for row, found in judged if row["language"] == tag]
        print(f"{tag}: order right in {sum(map(_in_order, own))} of {len(own)}")
    if options.show:
        _show(judged)
    return 0


def _judged(rows: list[dict[str, Any]], chapters: Path) -> Any:
    of_file: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        of_file[row["file"]].append(row)
    for name, own in of_file.items():
        path = chapters / name
        if not path.is_file():
            print(f"{name} is not in {chapters}: left out", file=sys.stderr)
            continue
        material = [SourceDocument("d", name, registry.extract(path, name))]
        analysis = analyse(material, embed_documents)
        for row in own:
            section = _section(analysis, row)
            yield (
                row,
                {kind: judge_summary(row[kind], section, analysis, material, embed_documents) for kind in KINDS},
            )


def _section(analysis: Analysis, row: dict[str, Any]) -> Section:
    """Return the section of that title that shares most words with the good summary: titles repeat in a chapter."""
    titled = [section for section in analysis.sections if section.title.strip() == row["section"].strip()]
    words = set(row["good"].lower().split())

    def shared(section: Section) -> int:
        return len(words & {word.lower() for sentence in section.sentences for word in sentence.text.split()})

    return max(titled or analysis.sections, key=shared)


def _in_order(found: dict[str, Any]) -> bool:
    scores = [found[kind].score for kind in KINDS]
    return all(one < other for one, other in pairwise(scores))


def _print(part: str, judged: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    total = len(judged)
    right = sum(_in_order(found) for _, found in judged)
    print(f"{part}: order right in {right} of {total} ({100 * right / total:.0f} %)")
    for one, other in pairwise(KINDS):
        pairs = sum(found[one].score < found[other].score for _, found in judged)
        print(f"  {one} < {other}: {pairs} of {total}")
    wronged = sum(len(found[kind].findings) for _, found in judged for kind in ("partial", "good"))
    caught = sum(any(f.kind != "unsupported" for f in found["false"].findings) for _, found in judged)
    print(f"  findings against faithful summaries: {wronged}; false summaries with a contradiction named: {caught}")
    named = sum(not found["partial"].coverage or bool(found["partial"].citations) for _, found in judged)
    print(f"  partial summaries told what is missing, with its place: {named}")


def _show(judged: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    for row, found in judged:
        wronged = [f for kind in ("partial", "good") for f in found[kind].findings]
        if _in_order(found) and not wronged:
            continue
        print(f"\n{row['file']} | {row['section']} | {row['part']}")
        for kind in KINDS:
            print(f"  {kind:8}{found[kind].score:.3f} coverage {found[kind].coverage:.2f} {row[kind][:100]}")
            for finding in found[kind].findings:
                print(f"          {finding.kind}: {finding.statement[:80]} — {finding.message[:80]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
