"""Quizzes of ten on chapters of many fields, languages and formats, written out for a strict reader.

Usage: ``python -m benchmarks.quizzes --data DIR [--out FILE] [--count 10]`` where DIR holds ``chapters/``. Printed per
chapter: candidates, how many questions passed the verifier, kinds, the share of true/false and of true ones among
them, the rules that refused, seconds. The quizzes go to FILE (default ``quizzes.md``) with keys and passages.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections import Counter
from pathlib import Path

from benchmarks.questions import load
from documents_app.domain.matter.reading import citable_spans, read_matter
from documents_app.engine.analysis import analyse
from sessions_app.domain.questions.request import QuestionRequest
from sessions_app.domain.questions.selection import Selection, select
from sessions_app.domain.questions.source import SourceIndex
from sessions_app.domain.questions.types import BooleanKey, CandidateQuestion, QuestionKind
from sessions_app.domain.questions.verifier import Verifier
from sessions_app.engine.questions.writing import write
from tutor_project.llm.embeddings import get_embedder

FORMATS = {".docx", ".epub", ".html", ".ipynb", ".md", ".pdf", ".pptx"}


def main() -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("quizzes.md"))
    parser.add_argument("--count", type=int, default=10)
    arguments = parser.parse_args()
    folder = arguments.data / "chapters"
    paths = sorted(path for path in folder.glob("*") if path.suffix in FORMATS)
    if not paths:
        print(f"no chapters under {arguments.data}: nothing is measured")
        return 1
    lines: list[str] = []
    made: list[int] = []
    for path in paths:
        begun = time.perf_counter()
        pool, quiz = quiz_of(path, arguments.count)
        made.append(len(quiz.questions))
        print(f"{path.name:36} {summary(pool, quiz)} {time.perf_counter() - begun:.1f} s")
        lines += [f"# {path.name}", ""]
        for number, question in enumerate(quiz.questions, 1):
            lines += shown(number, question)
    arguments.out.write_text("\n".join(lines) + "\n")
    print(
        f"questions of {arguments.count}: mean {statistics.mean(made):.1f}, fewest {min(made)}; written to {arguments.out}"
    )
    return 0


def quiz_of(path: Path, count: int) -> tuple[int, Selection]:
    """Return how many candidates one call gives and the quiz a learner would get."""
    embed = get_embedder().embed_documents
    material = load([path])
    analysis = analyse(material, embed)
    matter = read_matter(material, analysis.sections, analysis.concepts)
    verifier = Verifier(SourceIndex(material, citable_spans(matter)), embed=embed)
    request = QuestionRequest(count=count)
    return len(write(matter, QuestionRequest(count=100))), select(lambda wish: write(matter, wish), verifier, request)


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
    passage = " ".join(question.evidence[0].text.split())
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
