"""Choosing among candidates: verified one by one against material and bank, until there are enough (rows G1, G2)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from sessions_app.domain.grading.numbers import find_quantities
from sessions_app.domain.questions.duplicates import BankItem
from sessions_app.domain.questions.types import BooleanKey, CandidateQuestion, ChoiceKey, QuestionKind, VerifiedQuestion
from sessions_app.domain.questions.verifier import Verifier

ROUNDS = 3
"""How often an engine is asked again while questions are missing; each time it avoids what it wrote before."""

MOST_STATEMENTS = 0.3
"""Share of true/false in a quiz of mixed kinds: a guess is right half of the time, and many of them tire the reader."""

MOST_TRUE = 0.6
"""Share of true statements among them, so that answering "true" throughout does not pay."""

LONGEST_QUIZ = 50
"""Up to this many questions are shown together, and no two of them are about one passage."""

SHORT = 12
"""Up to this many questions a quiz is rather filled with statements than left short."""

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
    mixed: bool = True,
) -> Selection:
    """Return up to ``count`` verified questions of an engine, none of them in ``bank`` already.

    Where other kinds are wanted too (``mixed``), true/false is at most ``MOST_STATEMENTS`` of a quiz; a short one that the
    material cannot fill otherwise may hold more. More than ``LONGEST_QUIZ`` are no quiz but a bank, and all that passes is kept.
    """
    chosen = _Chosen(verifier, bank)
    seen = set(avoid)
    mixed = mixed and count <= LONGEST_QUIZ
    most = math.ceil(MOST_STATEMENTS * count) if mixed else count
    spare: list[CandidateQuestion] = []
    for turn in range(ROUNDS):
        candidates = propose(count - len(chosen.passed), turn, seen)
        for candidate in candidates:
            if len(chosen.passed) == count:
                break
            seen |= {candidate.stem, candidate.fingerprint}
            again = count <= LONGEST_QUIZ and chosen.asks_again(candidate)
            if again or (mixed and not chosen.has_room(candidate, most)):
                spare.append(candidate)
            else:
                chosen.consider(candidate)
        if len(chosen.passed) >= count or not candidates:
            break
    for candidate in spare if count <= SHORT else ():
        if len(chosen.passed) == count:
            break
        chosen.consider(candidate)
    passed = chosen.passed if count <= SHORT or not mixed else _fewer_statements(chosen.passed)
    return Selection(tuple(spread_keys(passed, seed)), tuple(chosen.refused))


def is_mixed(kinds: Collection[QuestionKind] | None) -> bool:
    """Return whether kinds asked for (None = any) hold more than true/false."""
    return not kinds or any(kind is not QuestionKind.TRUE_FALSE for kind in kinds)


class _Chosen:
    """What passed and what was refused so far; each question that passes joins the bank the next ones are compared with."""

    def __init__(self, verifier: Verifier, bank: Sequence[BankItem]) -> None:
        self._verifier = verifier
        self._known = list(bank)
        self.passed: list[CandidateQuestion] = []
        self.refused: list[VerifiedQuestion] = []
        self.statements = 0
        self.true = 0

    def has_room(self, candidate: CandidateQuestion, most: int) -> bool:
        """Whether the candidate is no statement, or one more (and one more true one) fits among ``most``."""
        if candidate.kind is not QuestionKind.TRUE_FALSE:
            return True
        if candidate.key == BooleanKey(True) and self.true >= math.ceil(MOST_TRUE * most):
            return False
        return self.statements < most

    def asks_again(self, candidate: CandidateQuestion) -> bool:
        """Whether a question about the same passage was chosen: one would give the other away."""
        return any(
            citation.document_id == taken.document_id
            and citation.char_start < taken.char_end
            and taken.char_start < citation.char_end
            for question in self.passed
            for taken in question.evidence
            for citation in candidate.evidence
        )

    def consider(self, candidate: CandidateQuestion) -> None:
        verdict = self._verifier.verify(candidate, self._known)
        if verdict.passed:
            self.passed.append(candidate)
            self._known.append(BankItem.of(candidate))
            self.statements += candidate.kind is QuestionKind.TRUE_FALSE
            self.true += candidate.key == BooleanKey(True)
        else:
            self.refused.append(VerifiedQuestion(candidate, verdict))


def _fewer_statements(questions: list[CandidateQuestion]) -> list[CandidateQuestion]:
    """The questions in order without the last statements that are more than their share of what is left."""
    others = sum(question.kind is not QuestionKind.TRUE_FALSE for question in questions)
    if not others:
        return questions
    false = sum(question.key == BooleanKey(False) for question in questions)
    allowed = math.floor(others * MOST_STATEMENTS / (1.0 - MOST_STATEMENTS) + 1e-9)
    true_allowed = max(allowed - false, allowed // 2)
    true_allowed = min(true_allowed, max(3, math.ceil(false * MOST_TRUE / (1.0 - MOST_TRUE))))
    questions = _limited(questions, lambda question: question.key == BooleanKey(True), true_allowed)
    return _limited(questions, lambda question: question.kind is QuestionKind.TRUE_FALSE, allowed)


def _limited(
    questions: list[CandidateQuestion], counts: Callable[[CandidateQuestion], bool], allowed: int
) -> list[CandidateQuestion]:
    kept: list[CandidateQuestion] = []
    for question in questions:
        if counts(question):
            allowed -= 1
            if allowed < 0:
                continue
        kept.append(question)
    return kept


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
