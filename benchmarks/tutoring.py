"""Measures of the built-in engine on course material: spans, coverage, answers, speed.

    python -m benchmarks.tutoring --data DIR [--verbose] [--without-streams]

``DIR`` holds ``textbook/*.pdf`` and ``pdf/*.pdf``. The questions stand in ``tutoring_questions.json``: each with its chapter and
patterns of which the cited passage must hold one, or none if the material does not answer it. Beside the engine's answers stands
a plain baseline: the sentence nearest to the question by the bundled embedder, never declining. At the end a stack of its own
shows what open streams cost (``tutoring_streams``).
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.tutoring_streams import measured as streams_measured
from documents_app.domain.analysis import Analysis
from documents_app.domain.keyphrases_words import reading_form
from documents_app.domain.material import Citation, SourceDocument
from documents_app.engine import analyse
from documents_app.extraction.registry import extract
from sessions_app.domain.lesson import Lesson
from sessions_app.engine.answer import answer, answer_stream
from sessions_app.engine.answer_passages import SectionIndex
from sessions_app.engine.lesson import make_lesson
from sessions_app.engine.plan import make_plan
from tutor_project.llm.embeddings import get_embedder

CHAPTERS = ("cell_structure", "bacteria", "nervous_system")
QUESTIONS = Path(__file__).with_name("tutoring_questions.json")
RUNS = 5


@dataclass(frozen=True)
class Chapter:
    """A document ready to be asked."""

    material: list[SourceDocument]
    analysis: Analysis
    index: SectionIndex


def embed(texts: Sequence[str]) -> Any:
    """The bundled embedder."""
    return get_embedder("bundled").embed_documents(texts)


def main() -> int:
    """Print the measures; 0 if all bars are met, 1 if not, 2 without the data."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--verbose", action="store_true", help="print the questions that went wrong")
    parser.add_argument("--without-streams", action="store_true", help="start no stack")
    arguments = parser.parse_args()
    if not (arguments.data / "textbook").is_dir():
        print(f"There is no folder textbook in {arguments.data.name!r}; nothing was measured.")
        return 2
    embed(["warm up"])
    chapters = _load(arguments.data)
    met = [_teaching(chapters), _questions(chapters, verbose=arguments.verbose), _speed(chapters)]
    if not arguments.without_streams:
        met.append(streams_measured())
    print("all bars met" if all(met) else "a bar is NOT met")
    return 0 if all(met) else 1


def _load(data: Path) -> dict[str, Chapter]:
    names = dict.fromkeys([*CHAPTERS, *(item["chapter"] for item in json.loads(QUESTIONS.read_text("utf-8")))])
    chapters = {}
    for name in names:
        path = data / (f"{name}.pdf" if "/" in name else f"textbook/{name}.pdf")
        if not path.is_file():
            print(f"{path.name} is absent; its part is left out.")
            continue
        material = [SourceDocument(path.stem, path.name, extract(path, path.name))]
        analysis = analyse(material, embed)
        chapters[name] = Chapter(material, analysis, SectionIndex(analysis.sections, embed))
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


def _spans(analysis: Analysis, lesson: Lesson) -> Iterator[Citation]:
    yield from analysis.summary
    for concept in analysis.concepts:
        yield from concept.evidence
    for term in analysis.terms:
        yield term.citation
    for objective in analysis.objectives:
        yield from objective.evidence
    for section in lesson.sections:
        yield from section.citations


def _questions(chapters: dict[str, Chapter], *, verbose: bool) -> bool:
    items = [item for item in json.loads(QUESTIONS.read_text("utf-8")) if item["chapter"] in chapters]
    held = declined = baseline = 0
    pages_right = 0
    times: list[float] = []
    for item in items:
        chapter = chapters[item["chapter"]]
        begin = time.perf_counter()
        reply = answer(item["question"], chapter.material, embed, index=chapter.index, terms=chapter.analysis.terms)
        next(answer_stream(reply))
        times.append(1000 * (time.perf_counter() - begin))
        if item["answer"] is None:
            declined += reply.declined
            wrong = not reply.declined
        else:
            pattern = re.compile("|".join(item["answer"]))
            hit = any(pattern.search(reading_form(citation.text)) for citation in reply.citations)
            held += hit
            pages_right += hit and any(_page_holds(chapter, citation, pattern) for citation in reply.citations)
            baseline += bool(pattern.search(_nearest(item["question"], chapter)))
            wrong = not hit
        if verbose and wrong:
            print(
                f"  {'declined' if reply.declined else 'answered'} {reply.confidence:.2f} {item['question']} | {reply.text[:110]!r}"
            )
    answerable = sum(item["answer"] is not None for item in items)
    unanswerable = len(items) - answerable
    print(f"answers: {answerable} questions the material answers, {unanswerable} it does not")
    print(
        f"  cited passage holds the answer   engine {held / answerable:.0%}   nearest sentence {baseline / answerable:.0%}   (bar 85 %)"
    )
    print(f"  cited page is the answer's page  engine {pages_right / max(1, held):.0%} of those held")
    print(f"  declined where nothing answers   engine {declined / unanswerable:.0%}   nearest sentence 0%")
    print(
        f"  question to first token          p50 {median(times):.0f} ms   p95 {np.percentile(times, 95):.0f} ms   (bar 100 ms)"
    )
    return held / answerable >= 0.85 and declined / unanswerable >= 0.95


def _page_holds(chapter: Chapter, citation: Citation, pattern: re.Pattern[str]) -> bool:
    content = chapter.material[0].content
    pages = [page for page in content.pages if citation.page_start <= page.page <= citation.page_end]
    text = content.text[pages[0].char_start : pages[-1].char_end]
    return bool(pattern.search(reading_form(text)))


def _nearest(question: str, chapter: Chapter) -> str:
    texts = [reading_form(sentence.text) for section in chapter.analysis.sections for sentence in section.sentences]
    vectors = embed([question, *texts])
    return texts[int(np.argmax(vectors[1:] @ vectors[0]))]


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
