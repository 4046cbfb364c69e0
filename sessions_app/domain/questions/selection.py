"""Choosing among candidates: verified one by one against material and bank, until there are enough."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sessions_app.domain.questions.duplicates import BankItem
from sessions_app.domain.questions.lint import GAP
from sessions_app.domain.questions.request import QuestionRequest
from sessions_app.domain.questions.text import content_roots
from sessions_app.domain.questions.types import BooleanKey, CandidateQuestion, ChoiceKey, QuestionKind, VerifiedQuestion
from sessions_app.domain.questions.verifier import Verifier, spoken
from tutor_project.language.quantities.finding import find_quantities

ROUNDS = 3
"""How often an engine is asked again while questions are missing; each time it avoids what it wrote before."""

MOST_STATEMENTS = 0.3
"""Share of true/false in a quiz of mixed kinds: a guess is right half of the time, and many of them tire the reader."""

MOST_OPEN = 0.4
"""Share of open questions in a quiz as long as there are others: they take a learner's time, and are seldom graded for certain."""

MOST_TRUE = 0.6
"""Share of true statements (and of false ones) among four or more, so that one answer throughout does not pay."""
_UNJUDGED = 3
"""So few statements may all be true or all false."""

MOST_OF_A_CONCEPT = 2
"""So many questions of a quiz may be about one thing."""

SAME_FACT = 0.6
"""Share of the words of the shorter of two answered questions from which on they tell the same."""

LONGEST_QUIZ = 50
"""Up to this many questions are shown together, and no two of them are about one passage."""

Propose = Callable[[QuestionRequest], Sequence[CandidateQuestion]]
"""Candidates of an engine for a request, none with a stem or fingerprint in its ``avoid``."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Verified questions, at most as many as asked for, and what was refused."""

    questions: tuple[CandidateQuestion, ...]
    quarantined: tuple[VerifiedQuestion, ...]


def select(
    propose: Propose, verifier: Verifier, request: QuestionRequest, *, bank: Sequence[BankItem] = ()
) -> Selection:
    """Return up to ``request.count`` verified questions of an engine, none of them in ``bank`` already.

    Where other kinds are wanted too, true/false is at most ``MOST_STATEMENTS`` of a quiz, open questions beyond
    ``MOST_OPEN`` and a second one of one list, table or formula wait until nothing else is left, and no passage is asked
    about twice: a quiz is rather short than filled.
    More than ``LONGEST_QUIZ`` questions are no quiz but a bank, and several of one passage are kept. While questions are
    missing, the engine is asked again with another seed.
    """
    mixed = any(request.wants(kind) for kind in QuestionKind if kind is not QuestionKind.TRUE_FALSE)
    chosen = _Chosen(verifier, bank, request, mixed=mixed)
    seen = set(request.avoid)
    for turn in range(ROUNDS):
        missing = request.count - len(chosen.passed)
        candidates = propose(replace(request, count=missing, seed=request.seed + turn, avoid=frozenset(seen)))
        for candidate in candidates:
            if len(chosen.passed) == request.count:
                break
            seen |= {candidate.stem, candidate.fingerprint}
            chosen.take(candidate)
        if len(chosen.passed) >= request.count or not candidates:
            break
    chosen.fill_up()
    passed = _fair(chosen.passed, mixed=mixed)
    return Selection(tuple(spread_keys(passed, request.seed)), tuple(chosen.refused))


class _Chosen:
    """What passed and what was refused so far; each question that passes joins the bank the next ones are compared with."""

    def __init__(self, verifier: Verifier, bank: Sequence[BankItem], request: QuestionRequest, *, mixed: bool) -> None:
        self._verifier = verifier
        self._count = request.count
        self._most = math.floor(MOST_STATEMENTS * request.count + 1e-9) if mixed else request.count
        self._spreads = mixed and request.within is None  # a section of a lesson is asked what there is
        self._most_open = math.floor(MOST_OPEN * request.count + 1e-9) if self._spreads else request.count
        self._waiting: list[CandidateQuestion] = []
        self._known = list(bank)
        self.passed: list[CandidateQuestion] = []
        self.refused: list[VerifiedQuestion] = []

    def take(self, candidate: CandidateQuestion) -> None:
        """Take a candidate that asks something new, is not one too many of its kind, and passes; some have to wait."""
        if self._has_to_wait(candidate):
            self._waiting.append(candidate)
        elif self._is_new(candidate) and self._has_room(candidate):
            self._consider(candidate)

    def fill_up(self) -> None:
        """Take of the questions that wait as many as are missing."""
        for candidate in self._waiting:
            if len(self.passed) < self._count and self._is_new(candidate):
                self._consider(candidate)

    def _has_to_wait(self, candidate: CandidateQuestion) -> bool:
        """Whether there are open questions enough, or one of the same list, table or formula."""
        if candidate.is_open and sum(question.is_open for question in self.passed) >= self._most_open:
            return True
        return self._spreads and any(_share_a_passage(candidate, question) for question in self.passed)

    def _is_new(self, candidate: CandidateQuestion) -> bool:
        return self._count > LONGEST_QUIZ or not self._asks_again(candidate)

    def _has_room(self, candidate: CandidateQuestion) -> bool:
        """Whether the candidate is no statement, or one more of its truth value fits."""
        if not isinstance(candidate.key, BooleanKey):
            return True
        same = sum(question.key == candidate.key for question in self.passed)
        statements = sum(question.kind is QuestionKind.TRUE_FALSE for question in self.passed)
        return statements < self._most and same < math.ceil(MOST_TRUE * self._most)

    def _asks_again(self, candidate: CandidateQuestion) -> bool:
        """Whether a question about the same passage was chosen, which would give this one away, or enough about the same thing."""
        asked = (candidate.concept or candidate.stem).casefold()
        if (
            sum(asked == (question.concept or question.stem).casefold() for question in self.passed)
            >= MOST_OF_A_CONCEPT
        ):
            return True
        if any(_tell_the_same(candidate, question) or _have_one_gap(candidate, question) for question in self.passed):
            return True
        return any(candidate.evidence[0].overlaps(question.evidence[0]) for question in self.passed)

    def _consider(self, candidate: CandidateQuestion) -> None:
        verdict = self._verifier.verify(candidate, self._known)
        if verdict.passed:
            self.passed.append(candidate)
            self._known.append(BankItem.of(candidate))
        else:
            self.refused.append(VerifiedQuestion(candidate, verdict))


def _share_a_passage(one: CandidateQuestion, other: CandidateQuestion) -> bool:
    """Tell whether two questions rest on one passage: the lead of a list, the head of a table, a formula."""
    return any(map(other.rests_on, one.evidence))


def _tell_the_same(one: CandidateQuestion, other: CandidateQuestion) -> bool:
    """Tell whether two questions say mostly the same once they are answered; what differs in a number does not."""
    mine, theirs = (frozenset(content_roots(f"{spoken(q.stem)} {q.key_text}")) for q in (one, other))
    numbered = any(word.isdigit() for word in mine ^ theirs)
    return not numbered and len(mine & theirs) >= SAME_FACT * min(len(mine), len(theirs))


def _have_one_gap(one: CandidateQuestion, other: CandidateQuestion) -> bool:
    """Tell whether two questions with a gap have one answer: the first would give the second away."""
    gapped = GAP.search(one.stem) is not None and GAP.search(other.stem) is not None
    return gapped and one.key_text.casefold() == other.key_text.casefold()


def _fair(questions: list[CandidateQuestion], *, mixed: bool) -> list[CandidateQuestion]:
    """Return the questions in order, without the last statements that are too many or mostly of one truth value.

    Among others, true/false is at most ``MOST_STATEMENTS`` of what is left; from four statements on, true ones and false
    ones are each at most ``MOST_TRUE`` of them.
    """
    others = sum(question.kind is not QuestionKind.TRUE_FALSE for question in questions)
    allowed = math.floor(others * MOST_STATEMENTS / (1.0 - MOST_STATEMENTS) + 1e-9) if mixed else len(questions)
    counts = Counter(question.key.value for question in questions if isinstance(question.key, BooleanKey))
    fewer = min(counts[True], counts[False], allowed // 2)
    most = min(max(_UNJUDGED - fewer, math.floor(fewer * MOST_TRUE / (1.0 - MOST_TRUE) + 1e-9)), allowed - fewer)
    limits = {value: fewer if counts[value] < counts[not value] else max(most, fewer) for value in (True, False)}
    kept: list[CandidateQuestion] = []
    for question in questions:
        if isinstance(question.key, BooleanKey):
            limits[question.key.value] -= 1
            allowed -= 1
            if limits[question.key.value] < 0 or allowed < 0:
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
