"""Choosing among candidates: verified one by one against material and bank, until there are enough (rows G1, G2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from sessions_app.domain.grading.numbers import find_quantities
from sessions_app.domain.questions.duplicates import BankItem
from sessions_app.domain.questions.types import CandidateQuestion, ChoiceKey, QuestionKind, VerifiedQuestion
from sessions_app.domain.questions.verifier import Verifier

ROUNDS = 3
"""How often an engine is asked again while questions are missing; each time it avoids what it wrote before."""

Propose = Callable[[int, int, Collection[str]], Sequence[CandidateQuestion]]
"""``propose(missing, round, avoid)``: candidates of an engine, none with a stem or fingerprint in ``avoid``."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Verified questions, at most as many as asked for, and what was refused."""

    questions: tuple[CandidateQuestion, ...]
    quarantined: tuple[VerifiedQuestion, ...]


def select(
    propose: Propose,
    verifier: Verifier,
    *,
    count: int,
    seed: int = 0,
    bank: Sequence[BankItem] = (),
    avoid: Collection[str] = (),
) -> Selection:
    """Return up to ``count`` verified questions of an engine, none of them in ``bank`` already."""
    known, seen = list(bank), set(avoid)
    passed: list[CandidateQuestion] = []
    refused: list[VerifiedQuestion] = []
    for turn in range(ROUNDS):
        candidates = propose(count - len(passed), turn, seen)
        for candidate in candidates:
            if len(passed) == count:
                break
            seen |= {candidate.stem, candidate.fingerprint}
            verdict = verifier.verify(candidate, known)
            if verdict.passed:
                passed.append(candidate)
                known.append(BankItem.of(candidate))
            else:
                refused.append(VerifiedQuestion(candidate, verdict))
        if len(passed) >= count or not candidates:
            break
    return Selection(tuple(spread_keys(passed, seed)), tuple(refused))


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
