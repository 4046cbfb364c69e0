"""Lessons and plans of the built-in engine against the chapters they are made from.

Usage: ``python -m benchmarks.lessons [--data DIR] [--only NAME]`` where DIR holds ``chapters/`` with ``gold.json``
(without it the ``course_material`` of the repository); or
``--example FILE --out LESSON.md`` to write the lesson on one file as a learner reads it. Printed per chapter:

- prose: words of running prose that the lesson quotes, of those in the sections it teaches (at most 60 % is wanted);
- kept: formulas, pieces of code, tables and items of lists of these sections that are quoted whole (all are wanted);
- terms: the authors' terms that the text of these sections holds and the lesson's quoted passages hold too (90 %);
- checks: sections above 80 words of prose with a check question (80 %);
- parts: how many sections the lesson has. Then the mean and the worst chapter of each.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.questions import load, spans_of
from benchmarks.support.material import COURSE_MATERIAL
from documents_app.domain.analysis.types import Section
from documents_app.domain.blocks import BlockKind
from documents_app.domain.material import SourceDocument
from documents_app.domain.reading.form import reading_form
from documents_app.domain.study import Study
from documents_app.engine.analysis import study_material
from sessions_app.domain.lesson.types import LessonContent, checks
from sessions_app.domain.questions.request import QuestionRequest
from sessions_app.domain.questions.selection import select
from sessions_app.domain.questions.sentences import SentenceStatistics
from sessions_app.domain.questions.types import CandidateQuestion
from sessions_app.domain.questions.verifier import Verifier
from sessions_app.engine.lesson.blocks import whole_blocks, without_blocks
from sessions_app.engine.lesson.writing import make_lesson
from sessions_app.engine.questions.writing import write
from tutor_project.language import language
from tutor_project.llm.embeddings import get_embedder

ALL, LONG_SECTION, CHECKS = 1000, 80, 2
KEPT = (BlockKind.FORMULA, BlockKind.CODE, BlockKind.TABLE, BlockKind.LIST_ITEM)
WEAK = "## What is weak in it"
"""The heading from which on an example was written by hand and is kept."""
MEASURES = ("prose", "kept", "terms", "checks")


def main() -> int:
    """Measure and print, or write an example."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=COURSE_MATERIAL)
    parser.add_argument("--only", default="")
    parser.add_argument("--example", type=Path)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    if arguments.example and arguments.out:
        kept = arguments.out.read_text(encoding="utf-8") if arguments.out.is_file() else ""
        weak = kept[kept.index(WEAK) :] if WEAK in kept else ""
        arguments.out.write_text(f"{example(arguments.example)}\n{weak}".rstrip() + "\n", encoding="utf-8")
        return 0
    folder = arguments.data / "chapters"
    if not (folder / "gold.json").is_file():
        print(f"no chapters under {arguments.data}: nothing is measured")
        return 1
    gold = json.loads((folder / "gold.json").read_text())
    rows = {name: measured(folder / name, wanted) for name, wanted in sorted(gold.items()) if arguments.only in name}
    print(f"{'chapter':36} {'prose':>7} {'kept':>7} {'terms':>7} {'checks':>7} {'parts':>6}")
    for name, row in rows.items():
        print(f"{name:36} " + " ".join(shown(row[measure]) for measure in MEASURES) + f" {row['parts']:6.0f}")
    for measure in MEASURES:
        values = {name: row[measure] for name, row in rows.items() if row[measure] is not None}
        if values:
            worst = (max if measure == "prose" else min)(values, key=lambda name: values[name])
            print(f"{measure}: mean {statistics.mean(values.values()):.0%}, worst {values[worst]:.0%} ({worst})")
    return 0


def shown(share: float | None) -> str:
    """Return a share as a column; a dash where there was nothing to measure."""
    return f"{'–':>7}" if share is None else f"{share:7.0%}"


def measured(path: Path, wanted: dict[str, Any]) -> dict[str, Any]:
    """Return the shares of one chapter, None where it holds nothing to measure, and the number of parts."""
    material = load([path])
    study = study_material(material, get_embedder().embed_documents)
    analysis = study.analysis
    lesson = make_lesson(analysis, material, get_embedder().embed_documents)
    taught = [analysis.sections[part.section_index] for part in lesson.sections]
    quoted = [
        (citation.char_start, citation.char_end)
        for part in lesson.sections
        for citation in (
            *(passage.citation for passage in (*part.explanation, *part.examples)),
            *(term.citation for term in part.key_terms),
        )
    ]
    return {
        "prose": prose_share(material[0], taught, quoted),
        "kept": kept_share(material[0], taught, quoted),
        "terms": terms_share(material[0], taught, lesson, wanted),
        "checks": checks_share(study, taught),
        "parts": len(taught),
    }


def prose_share(document: SourceDocument, taught: Sequence[Section], quoted: Sequence[tuple[int, int]]) -> float | None:
    """Return the share of the words of running prose that is quoted; lists and the like are no running prose."""
    sentences = [s for section in taught for s in without_blocks(section, whole_blocks(document, section)).sentences]
    total = sum(len(s.text.split()) for s in sentences)
    taken = sum(len(s.text.split()) for s in sentences if any(a <= s.char_start and s.char_end <= b for a, b in quoted))
    return taken / total if total else None


def kept_share(document: SourceDocument, taught: Sequence[Section], quoted: Sequence[tuple[int, int]]) -> float | None:
    """Return the share of formulas, code, tables and list items of the taught sections that stand in a quoted passage."""
    blocks = [
        block
        for block in document.content.of_kind(*KEPT)
        if any(section.char_start <= block.char_start < section.char_end for section in taught)
    ]
    kept = sum(any(a <= block.char_start and block.char_end <= b for a, b in quoted) for block in blocks)
    return kept / len(blocks) if blocks else None


def terms_share(
    document: SourceDocument, taught: Sequence[Section], lesson: LessonContent, wanted: dict[str, Any]
) -> float | None:
    """Return the share of the authors' terms in the taught sections that the quoted passages name."""
    tongue = language(wanted["language"])
    text = document.content.text
    source = set(tongue.content_stems(" ".join(reading_form(text[s.char_start : s.char_end]) for s in taught)))
    said = set(
        tongue.content_stems(
            " ".join(reading_form(citation.text) for part in lesson.sections for citation in part.citations)
        )
    )
    terms = [set(tongue.content_stems(row["term"])) for row in wanted.get("terms") or []]
    present = [term for term in terms if term and term <= source]
    return sum(term <= said for term in present) / len(present) if present else None


def checks_share(study: Study, taught: Sequence[Section]) -> float | None:
    """Return the share of the longer taught sections about which the writer has a verified question."""
    long_ones = [s for s in taught if sum(len(x.text.split()) for x in s.sentences) > LONG_SECTION]
    places = [question.evidence[0].char_start for question in supply(study)]
    asked = sum(any(s.char_start <= place < s.char_end for place in places) for s in long_ones)
    return asked / len(long_ones) if long_ones else None


def supply(study: Study) -> tuple[CandidateQuestion, ...]:
    """Return all verified questions that the built-in writer has on the material, the easier ones of sections too."""
    source = SentenceStatistics(study.material, spans_of(study.analysis))
    verifier = Verifier(source, embed=get_embedder().embed_documents)
    everywhere = frozenset(section.index for section in study.analysis.sections)
    return select(
        lambda wish: write(study.matter, wish), verifier, QuestionRequest(count=ALL, seed=0, within=everywhere)
    ).questions


def _choices(question: CandidateQuestion) -> str:
    return f" ({' / '.join(option.text for option in question.options)})" if question.options else ""


def example(path: Path) -> str:
    """Return the lesson on a file as Markdown, with the check questions of each section."""
    material = load([path])
    embed = get_embedder().embed_documents
    study = study_material(material, embed)
    analysis, questions = study.analysis, supply(study)

    def asked(section: Section, *_: object) -> list[CandidateQuestion]:
        own = [q for q in questions if section.char_start <= q.evidence[0].char_start < section.char_end]
        return [own[at] for at in checks(own, CHECKS)]

    places = {s.index: [passage.char_start for q in asked(s) for passage in q.evidence] for s in analysis.sections}
    lesson = make_lesson(analysis, material, embed, check_questions=asked, asked=places)
    parts = [
        "# A lesson made by the built-in engine",
        f"Made from [{path.name}]({path.name}) without a model and without a network by `python -m benchmarks.lessons --example "
        f"{path.name} --out lesson.md`; what stands at the end is by hand. Numbers in brackets are citations; each "
        "gives the characters of the stored text that it quotes.",
        lesson.text,
    ]
    for part in lesson.sections:
        cited = "; ".join(f"[{n}] {c.char_start}–{c.char_end}" for n, c in enumerate(part.citations, 1))
        parts += [f"## {part.index + 1}. {part.title}", part.text]
        if part.check_questions:
            shown_ones = "\n".join(f"- {q.stem}{_choices(q)}" for q in part.check_questions)
            parts += ["Check yourself", shown_ones]
        parts.append(f"Citations: {cited}")
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.exit(main())
