"""Every stage that a document goes through takes work that grows about linearly with it, whatever is written in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from documents_app.domain.chunking import chunk
from documents_app.domain.material import SourceDocument
from documents_app.domain.matter.joining import join_matters
from documents_app.domain.matter.reading import citable_spans
from documents_app.domain.reading.outline import outline
from documents_app.domain.reading.units import units_of, units_of_chunk
from documents_app.domain.study import Study, pack_digest, pack_matter
from documents_app.engine.analysis import study_document
from documents_app.engine.joining import join_digests
from documents_app.extraction.registry import extract
from documents_app.retrieval.text import analyzer, indexed_text
from sessions_app.domain.answers import checked_question
from sessions_app.domain.questions.request import QuestionRequest
from sessions_app.domain.questions.selection import Selection, select
from sessions_app.domain.questions.sentences import SentenceStatistics
from sessions_app.domain.questions.verifier import Verifier
from sessions_app.engine.lesson.writing import make_lesson
from sessions_app.engine.plan import make_plan
from sessions_app.engine.questions.writing import write
from tutor_project.common.errors import DomainError
from tutor_project.language import language

SHORT = 3_000
GROWTH = 10
"""Four times the text may take so many times the work: linear is 4, quadratic is 16."""
LEAST_SECONDS = 0.02


def dots(size: int) -> str:
    return "A cell is the smallest unit of life. " + "." * size


def headings(size: int) -> str:
    return "\n\n".join(f"{'#' * (n % 4 + 1)} {_word(n)} of {_word(n + 3)}" for n in range(size // 20))


def indented_list(size: int) -> str:
    return "\n".join(f"{'  ' * (n % 12)}- {_word(n)} {_word(n + 5)}" for n in range(size // 30))


def deeper_and_deeper(size: int) -> str:
    return "\n".join(f"{' ' * n}- {_word(n)}" for n in range(int((2 * size) ** 0.5)))


def blanks(size: int) -> str:
    return ("   \t \n" * (size // 6)) + "A cell is the smallest unit of life."


def unique_definitions(size: int) -> str:
    return "\n\n".join(
        f"A {_word(n)} is a kind of {_word(n + 7)} that holds the {_word(n + 3)}." for n in range(size // 55)
    )


def definitions_asked_about(size: int) -> str:
    """Definitions of one kind among few: each term may stand for every other, and every statement gives questions."""
    kinds = ("process", "structure", "region", "protein", "organ", "vessel", "fluid", "tissue")
    return "# Parts\n\n" + "\n\n".join(
        f"{_organ(n).title()} is the {kinds[n % 8]} that turns {_organ(n + 3)} into {_organ(n + 9)} when it is dark."
        for n in range(size // 80)
    )


def _organ(n: int) -> str:
    return f"{_word(37 * n + 211)[:-1]}sis"


def endless_sentence(size: int) -> str:
    return "The chain holds " + " and ".join(f"the {_word(n)} ({_word(n)[:2].upper()})" for n in range(size // 20))


def blank_line(size: int) -> str:
    return "A cell is the smallest unit of life." + " " * size + "\n\nA cell divides."


PATTERNS = [
    (dots, "txt"), (dots, "md"), (headings, "txt"), (headings, "md"), (indented_list, "txt"), (indented_list, "md"),
    (deeper_and_deeper, "md"), (blanks, "txt"),
    (unique_definitions, "txt"), (unique_definitions, "md"), (definitions_asked_about, "md"),
    (endless_sentence, "txt"), (endless_sentence, "md"),
    (blank_line, "txt"), (blank_line, "md"),
]  # fmt: skip


def _word(n: int) -> str:
    """Return a word that no other number has, with the letters of one."""
    letters = ""
    while True:
        n, place = divmod(n, 100)
        letters += "bcdfghjklmnprstvwxzq"[place % 20] + "aeiou"[place // 20]
        if not n:
            return letters + "t"


@dataclass
class Made:
    """A text and what the stages before the one measured make of it."""

    text: str
    name: str

    def __post_init__(self) -> None:
        self.content = extract(self.text.encode(), self.name)
        self.material = [SourceDocument("d", self.name, self.content)]
        self.chunks = chunk(self.content)
        self.read = study_document(self.material[0], embed)
        study = Study.of(
            self.material, join_digests([self.read.digest]), join_matters(self.material, [self.read.matter])
        )
        self.analysis, self.matter = study.analysis, study.matter


def embed(texts: Sequence[str]) -> Any:
    """A stand-in whose work is linear."""
    rows = np.array([[len(text), text.count("a"), text.count("e"), 1.0] for text in texts], dtype=np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True) if len(rows) else rows.reshape(0, 4)


def _extract(made: Made) -> object:
    return extract(made.text.encode(), made.name)


def _index(made: Made) -> object:
    words = analyzer("en")
    return [words.terms(indexed_text(each.text, each.heading_path)) for each in made.chunks]


def _read(made: Made) -> object:
    return units_of(made.content, language("en"))


def _quiz(made: Made) -> Selection:
    verifier = Verifier(SentenceStatistics(made.material, citable_spans(made.matter)), embed=embed)
    return select(lambda wish: write(made.matter, wish), verifier, QuestionRequest(count=10))


def _ask(made: Made) -> object:
    """What is done with the chunks a search finds; the search itself is measured against the database."""
    with suppress(DomainError):
        checked_question(made.text)
    return [units_of_chunk(each.text, each.char_start, language("en")) for each in made.chunks[:50]]


def _or_refused(work: Callable[[Made], object]) -> Callable[[Made], object]:
    """A refusal ("the material is empty") is an answer, too."""

    def done(made: Made) -> object:
        try:
            return work(made)
        except DomainError as refusal:
            return refusal

    return done


STAGES: dict[str, Callable[[Made], object]] = {
    "extract": _extract,
    "chunk": lambda made: chunk(made.content),
    "index": _index,
    "read": _read,
    "outline": lambda made: outline(made.material),
    "study": lambda made: study_document(made.material[0], embed),
    "analyse": lambda made: join_digests([made.read.digest]),
    "store": lambda made: (pack_digest(made.read.digest), pack_matter(made.read.matter)),
    "plan": _or_refused(lambda made: make_plan(made.analysis, made.material)),
    "lesson": _or_refused(lambda made: make_lesson(made.analysis, made.material, embed)),
    "quiz": _quiz,
    "ask": _ask,
}


def seconds(work: Callable[[Made], object], subject: Made) -> float:
    """Return the less of the processor time of two runs."""
    spent = []
    for _ in range(2):
        started = time.process_time()
        work(subject)
        spent.append(time.process_time() - started)
    return min(spent)


@pytest.mark.parametrize(("pattern", "suffix"), PATTERNS, ids=lambda given: getattr(given, "__name__", given))
def test_four_times_the_text_takes_about_four_times_the_work_at_every_stage(
    pattern: Callable[[int], str], suffix: str
) -> None:
    once, four_times = (Made(pattern(size), f"stranger.{suffix}") for size in (SHORT, 4 * SHORT))
    found = {name: (seconds(work, once), seconds(work, four_times)) for name, work in STAGES.items()}
    slow = {name: times for name, times in found.items() if times[1] > GROWTH * max(times[0], LEAST_SECONDS)}
    assert not slow


def test_sixteen_times_the_definitions_take_a_quiz_about_sixteen_times_the_work() -> None:
    """Each term may stand for every other here: what compares them all pairwise takes 256 times the work."""
    few, many = (Made(definitions_asked_about(size), "parts.md") for size in (SHORT, 16 * SHORT))
    assert len(_quiz(few).questions) == 10, "a quiz that stays empty would measure nothing"
    assert seconds(_quiz, many) < 40 * max(seconds(_quiz, few), LEAST_SECONDS)
