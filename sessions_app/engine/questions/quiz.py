"""A quiz from the material: candidates written, verified, and the best mix of what passed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from documents_app.domain.analysis import Concept, Section, Term
from documents_app.domain.material import Material
from sessions_app.domain.grading.numbers import find_quantities
from sessions_app.domain.questions.duplicates import BankItem
from sessions_app.domain.questions.source import SourceIndex
from sessions_app.domain.questions.types import (
    CandidateQuestion,
    ChoiceKey,
    DifficultyLevel,
    QuestionKind,
    VerifiedQuestion,
)
from sessions_app.domain.questions.verifier import Retrieve, Verifier
from sessions_app.engine.questions.entities import Embed
from sessions_app.engine.questions.generate import generate
from sessions_app.engine.questions.reading import Reading, read_material

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class WrittenQuiz:
    """Verified questions (at most as many as asked for), what was refused, and a note where there are fewer."""

    questions: tuple[CandidateQuestion, ...]
    quarantined: tuple[VerifiedQuestion, ...]
    requested_count: int
    note: str = ""


def write_quiz(
    material: Material,
    sections: Sequence[Section],
    concepts: Sequence[Concept],
    terms: Sequence[Term],
    embed: Embed | None,
    *,
    count: int,
    topic: str | None = None,
    difficulty: DifficultyLevel | str | None = None,
    kinds: Collection[QuestionKind] | None = None,
    seed: int = 0,
    bank: Sequence[BankItem] = (),
    retrieve: Retrieve | None = None,
    reading: Reading | None = None,
    source: SourceIndex | None = None,
) -> WrittenQuiz:
    """Return up to ``count`` verified questions, none of them in ``bank`` already.

    ``reading`` and ``source`` may be kept between calls for the same material. Fewer questions than asked for come with a note that
    says so; a topic that the material does not hold gives none.
    """
    read = reading or read_material(material, sections, concepts, terms, embed)
    index = source or SourceIndex(
        material, [(s.document, s.char_start, s.char_end) for part in sections for s in part.sentences]
    )
    verifier = Verifier(index, retrieve, embed)
    known = list(bank)
    avoid = {item.stem for item in bank}
    passed: list[CandidateQuestion] = []
    refused: list[VerifiedQuestion] = []
    for turn in range(ROUNDS):
        candidates = generate(
            material, sections, concepts, terms, embed, count=count - len(passed), topic=topic, difficulty=difficulty,
            kinds=kinds, seed=seed + 1000 * turn, avoid=avoid, reading=read,
        )  # fmt: skip
        for candidate in candidates:
            if len(passed) == count:
                break
            avoid.add(candidate.stem)
            verdict = verifier.verify(candidate, known)
            if verdict.passed:
                passed.append(candidate)
                known.append(BankItem.of(candidate))
            else:
                refused.append(VerifiedQuestion(candidate, verdict))
        if len(passed) >= count or not candidates:
            break
    return WrittenQuiz(
        tuple(spread_keys(passed, seed)), tuple(refused), count, _note(len(passed), count, topic, difficulty)
    )


def spread_keys(questions: list[CandidateQuestion], seed: int) -> list[CandidateQuestion]:
    """Give the keys of multiple-choice questions every position equally often; options that are in order stay so."""
    used: Counter[int] = Counter()
    placed: list[CandidateQuestion] = []
    for number, question in enumerate(questions):
        if question.kind is not QuestionKind.MULTIPLE_CHOICE or not isinstance(question.key, ChoiceKey):
            placed.append(question)
            continue
        wanted = question.key.option_id
        if not all(find_quantities(option.text) for option in question.options):
            position = min(range(len(question.options)), key=lambda p: (used[p], (p * 7 + seed + number) % 4))
            others = [option for option in question.options if option.id != wanted]
            key = next(option for option in question.options if option.id == wanted)
            question = replace(question, options=(*others[:position], key, *others[position:]))
        used[[option.id for option in question.options].index(wanted)] += 1
        placed.append(question)
    return placed


def _note(found: int, wanted: int, topic: str | None, difficulty: DifficultyLevel | str | None) -> str:
    if found >= wanted:
        return ""
    about = f" about “{topic}”" if topic else ""
    level = f" {difficulty}" if difficulty else ""
    if not found:
        return f"The material gives no{level} question{about} that could be verified."
    noun = "question" if found == 1 else "questions"
    return f"The material gives {found}{level} verified {noun}{about}; {wanted} were asked for."
