"""Quizzes of ten on chapters of many fields, languages and formats, written out for a strict reader.

Usage: ``python -m benchmarks.quizzes [--data DIR] [--out FILE] [--count 10]`` where DIR holds ``chapters/``; without it
the ``course_material`` of the repository is used. Printed per chapter: candidates, how many questions passed the
verifier, kinds, the share of true/false and of true ones among them, the rules that refused, seconds of the whole and
of the processor for one quiz; at the end the mean and the worst. The quizzes go to FILE with keys and passages.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections import Counter
from pathlib import Path

from benchmarks.questions import load
from benchmarks.support.material import COURSE_MATERIAL
from documents_app.domain.matter.reading import citable_spans
from documents_app.engine.analysis import study_material
from sessions_app.domain.questions.request import QuestionRequest
from sessions_app.domain.questions.selection import Selection, select
from sessions_app.domain.questions.sentences import SentenceStatistics
from sessions_app.domain.questions.types import BooleanKey, CandidateQuestion, QuestionKind
from sessions_app.domain.questions.verifier import Verifier
from sessions_app.engine.questions.writing import write
from tutor_project.llm.embeddings import get_embedder

FORMATS = {".docx", ".epub", ".html", ".ipynb", ".md", ".pdf", ".pptx"}


def main() -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=COURSE_MATERIAL)
    parser.add_argument("--out", type=Path, default=Path("quizzes.md"))
    parser.add_argument("--count", type=int, default=10)
    arguments = parser.parse_args()
    paths = sorted(path for path in (arguments.data / "chapters").glob("*") if path.suffix in FORMATS)
    if not paths:
        print(f"no chapters under {arguments.data}: nothing is measured")
        return 1
    lines: list[str] = []
    made: dict[str, int] = {}
    statements = 0
    for path in paths:
        begun = time.perf_counter()
        pool, quiz, processor = quiz_of(path, arguments.count)
        made[path.name] = len(quiz.questions)
        statements += sum(question.kind is QuestionKind.TRUE_FALSE for question in quiz.questions)
        print(f"{path.name:36} {summary(pool, quiz)} {time.perf_counter() - begun:.1f} s, quiz {processor:.2f} s")
        lines += [f"# {path.name}", ""]
        for number, question in enumerate(quiz.questions, 1):
            lines += shown(number, question)
    arguments.out.write_text("\n".join(lines) + "\n")
    worst = min(made, key=lambda name: made[name])
    share = statements / max(1, sum(made.values()))
    print(
        f"questions of {arguments.count}: mean {statistics.mean(made.values()):.1f}, fewest {made[worst]} ({worst}); "
        f"true/false {share:.0%}; written to {arguments.out}"
    )
    return 0


def quiz_of(path: Path, count: int) -> tuple[int, Selection, float]:
    """Return how many candidates one call gives, the quiz a learner would get and its seconds of processor."""
    embed = get_embedder().embed_documents
    material = load([path])
    matter = study_material(material, embed).matter
    verifier = Verifier(SentenceStatistics(material, citable_spans(matter)), embed=embed)
    request = QuestionRequest(count=count)
    pool = len(write(matter, QuestionRequest(count=100)))
    used = time.process_time()
    quiz = select(lambda wish: write(matter, wish), verifier, request)
    return pool, quiz, time.process_time() - used


def summary(pool: int, quiz: Selection) -> str:
    """Return the figures of one quiz in a line."""
    statements = [question for question in quiz.questions if question.kind is QuestionKind.TRUE_FALSE]
    true = sum(question.key == BooleanKey(True) for question in statements)
    refused = Counter(rule for verified in quiz.quarantined for rule in set(verified.verdict.rules))
    patterns = dict(Counter(question.pattern for question in quiz.questions).most_common())
    return (
        f"candidates {pool:3} questions {len(quiz.questions):2} true/false {len(statements)} (true {true}) "
        f"{patterns} refused {dict(refused.most_common(3))}"
    )


def shown(number: int, question: CandidateQuestion) -> list[str]:
    """Return a question with its key and passage as lines of Markdown."""
    options = [f"- {'**' + o.text + '** ✓' if o.text == question.key_text else o.text}" for o in question.options]
    in_order = sorted(question.evidence, key=lambda one: (one.document_id, one.char_start))
    passage = " ".join(" ".join(one.text for one in in_order).split())
    return [
        f"**{number}. {question.stem}** ({question.pattern}, {question.difficulty.value})",
        "",
        *(options or [f"- **{question.key_text}** ✓"]),
        "",
        f"> {passage}",
        "",
    ]


if __name__ == "__main__":
    sys.exit(main())
