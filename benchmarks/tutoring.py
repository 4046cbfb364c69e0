"""Measures of the built-in engine on course material: spans, coverage, speed. Answers have ``benchmarks.answers``.

    python -m benchmarks.tutoring --data DIR [--without-streams]

``DIR`` holds ``textbook/*.pdf``. At the end a stack of its own shows what open streams cost (``tutoring_streams``).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.tutoring_streams import measured as streams_measured
from documents_app.domain.analysis.types import Analysis
from documents_app.domain.material import Citation, SourceDocument
from documents_app.domain.reading.form import reading_form
from documents_app.engine import analyse
from documents_app.extraction.registry import extract
from sessions_app.domain.lesson.types import LessonContent
from sessions_app.engine.lesson.writing import make_lesson
from sessions_app.engine.plan import make_plan
from tutor_project.llm.embeddings import get_embedder

CHAPTERS = ("cell_structure", "bacteria", "nervous_system")
RUNS = 5


@dataclass(frozen=True)
class Chapter:
    """A document ready to be asked."""

    material: list[SourceDocument]
    analysis: Analysis


def embed(texts: Sequence[str]) -> Any:
    """The bundled embedder."""
    return get_embedder("bundled").embed_documents(texts)


def main() -> int:
    """Print the measures; 0 if all bars are met, 1 if not, 2 without the data."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--without-streams", action="store_true", help="start no stack")
    arguments = parser.parse_args()
    if not (arguments.data / "textbook").is_dir():
        print(f"There is no folder textbook in {arguments.data.name!r}; nothing was measured.")
        return 2
    embed(["warm up"])
    chapters = _load(arguments.data)
    met = [_teaching(chapters), _speed(chapters)]
    if not arguments.without_streams:
        met.append(streams_measured())
    print("all bars met" if all(met) else "a bar is NOT met")
    return 0 if all(met) else 1


def _load(data: Path) -> dict[str, Chapter]:
    chapters = {}
    for name in CHAPTERS:
        path = data / f"textbook/{name}.pdf"
        if not path.is_file():
            print(f"{path.name} is absent; its part is left out.")
            continue
        material = [SourceDocument(path.stem, path.name, extract(path, path.name))]
        analysis = analyse(material, embed)
        chapters[name] = Chapter(material, analysis)
    return chapters


def _teaching(chapters: dict[str, Chapter]) -> bool:
    print(
        f"{'chapter':<16}{'pages':>6}{'sections':>9}{'concepts':>9}{'terms':>6}{'spans':>7}{'exact':>7}{'headings covered':>18}"
    )
    met = True
    for name in CHAPTERS:
        chapter = chapters[name]
        lesson = make_lesson(chapter.analysis, chapter.material, embed)
        spans = list(_spans(chapter.analysis, lesson))
        exact = sum(chapter.material[0].content.text[c.char_start : c.char_end] == c.text for c in spans)
        titles = " ".join(section.title for section in lesson.sections)
        headings = [reading_form(heading.text) for heading in chapter.material[0].content.headings]
        covered = sum(heading in titles for heading in headings) / max(1, len(headings))
        pages = len(chapter.material[0].content.pages)
        print(
            f"{name:<16}{pages:>6}{len(lesson.sections):>9}{len(chapter.analysis.concepts):>9}{len(chapter.analysis.terms):>6}"
            f"{len(spans):>7}{exact / len(spans):>7.0%}{covered:>18.0%}"
        )
        met &= exact == len(spans) and covered >= 0.9
    return met


def _spans(analysis: Analysis, lesson: LessonContent) -> Iterator[Citation]:
    yield from analysis.summary
    for concept in analysis.concepts:
        yield from concept.evidence
    for term in analysis.terms:
        yield term.citation
    for objective in analysis.objectives:
        yield from objective.evidence
    for section in lesson.sections:
        yield from section.citations


def _speed(chapters: dict[str, Chapter]) -> bool:
    longest = chapters["nervous_system"].material
    together = [document for name in CHAPTERS for document in chapters[name].material]
    lesson_times, analysis_times, processor = [], [], []
    for _ in range(RUNS):
        begin, used = time.perf_counter(), time.process_time()
        analysis = analyse(longest, embed)
        make_plan(analysis, longest)
        make_lesson(analysis, longest, embed)
        lesson_times.append(time.perf_counter() - begin)
        processor.append(time.process_time() - used)
        begin = time.perf_counter()
        analyse(together, embed)
        analysis_times.append(time.perf_counter() - begin)
    words = sum(len(document.content.text.split()) for document in together)
    pages = len(longest[0].content.pages)
    print(
        f"analysis + plan + lesson, {pages} pages:  median {median(lesson_times):.2f} s of {RUNS}   (bar 3 s; "
        f"{median(processor):.2f} s of processor time)"
    )
    print(f"analysis of {words:,} words:          median {median(analysis_times):.2f} s of {RUNS}   (bar 5 s)")
    return median(lesson_times) <= 3 and median(analysis_times) <= 5


if __name__ == "__main__":
    sys.exit(main())
