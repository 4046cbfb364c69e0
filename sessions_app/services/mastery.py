"""What is believed about a learner, recomputed from the graded answers.

The answers are the truth and the beliefs follow from them: after every answer, and after a person decided one,
the session's history is replayed (some tens of microseconds an answer). So a changed grade needs no correction
of any stored figure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Func, IntegerField

from sessions_app.domain.concepts import concept_key, concept_name, merged_names
from sessions_app.domain.gate import Gate, GateAnswer, gate_state, guess_chance
from sessions_app.domain.mastery.belief import ConceptAnswer, LearnerState, Mastery, estimate, observe
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.models import AnswerRecord, LearningSession, MasteryState, Question

STATE_VERSION = 1
PARTIAL_CREDIT_KNOWN = 0.5
HALF = 0.5


@dataclass(frozen=True, slots=True)
class ConceptBelief:
    """One concept: the estimate, the gate, and the answer that passed the gate (None while it is not passed)."""

    concept: str
    mastery: Mastery
    gate: Gate
    mastered_at: datetime | None


@dataclass(slots=True)
class _History:
    evidence: list[GateAnswer] = field(default_factory=list)
    times: list[datetime] = field(default_factory=list)

    def add(self, answer: _Answered) -> None:
        """Take an answer that is evidence for the gate."""
        if answer.evidence:
            self.evidence.append(GateAnswer(answer.correct, answer.guess))
            self.times.append(answer.at)

    def belief(self, concept: str, mastery: Mastery) -> ConceptBelief:
        """Return the belief about the concept that this history is about."""
        gate = gate_state(self.evidence)
        return ConceptBelief(concept, mastery, gate, self.times[gate.passed_at - 1] if gate.passed_at else None)


def guess_of(kind: str, option_count: int) -> float:
    """Return the chance to answer a question of that kind by a blind guess."""
    if kind == QuestionKind.TRUE_FALSE:
        return 0.5
    return guess_chance(option_count)


def beliefs(*, session_id: UUID, owner_id: UUID) -> list[ConceptBelief]:
    """Return what is believed about each concept of the session's questions, also those not yet answered.

    Spellings of one concept are one concept. Answers left blank are misses.
    """
    answers = list(_answers(session_id, owner_id))
    names = merged_names([*_asked_concepts(session_id), *(answer.concept for answer in answers if answer.concept)])
    state = LearnerState()
    histories = {key: _History() for key in names}
    for answer in answers:
        key = concept_key(answer.concept) if answer.concept else ""
        observe(state, ConceptAnswer(key, answer.known, answer.guess, answer.weight))
        if key:
            histories[key].add(answer)
    found = [history.belief(names[key], estimate(state, key)) for key, history in histories.items()]
    return sorted(found, key=lambda belief: belief.concept.casefold())


def _asked_concepts(session_id: UUID) -> list[str]:
    published = Question.objects.filter(session_id=session_id, state=Question.State.PUBLISHED).order_by()
    named = (concept_name(*row) for row in published.values_list("concept", "related_section"))
    return [name for name in named if name]


@dataclass(frozen=True, slots=True)
class _Answered:
    """A graded answer; ``correct``: wholly right, ``known``: at least half, ``evidence``: whether the gate counts it."""

    concept: str
    correct: bool
    known: bool
    guess: float
    weight: float
    evidence: bool
    at: datetime


def _answers(session_id: UUID, owner_id: UUID) -> Iterator[_Answered]:
    """Yield the answers, oldest first, without what waits for a person and was not assessed by the learner.

    Half counts what the learner assessed, and what was answered again after its answer had been shown: knowing one question again
    says less about its concept than knowing a new one (``benchmarks/readiness.py``). For the gate neither the learner's own verdict
    nor another attempt at a shown question is evidence, but a review is: it comes days later.
    """
    rows = (
        AnswerRecord.objects.filter(session_id=session_id, owner_id=owner_id)
        .exclude(verdict=AnswerRecord.Verdict.NEEDS_REVIEW, self_assessed=None)
        .order_by("id")
        .annotate(choices=Func(F("question__options"), function="jsonb_array_length", output_field=IntegerField()))
        .values_list(
            "question_id", "question__concept", "question__related_section", "question__kind", "choices", "verdict",
            "credit", "self_assessed", "attempt_id", "created_at",
        )
    )  # fmt: skip
    shown: set[UUID] = set()
    for question, concept, section, kind, choices, verdict, credit, own_verdict, attempt, at in rows.iterator():
        assessed = verdict == AnswerRecord.Verdict.NEEDS_REVIEW
        correct = bool(own_verdict) if assessed else verdict == AnswerRecord.Verdict.CORRECT
        known = correct or (not assessed and credit >= PARTIAL_CREDIT_KNOWN)
        again = question in shown
        weight = HALF if assessed or again else 1.0
        evidence = not assessed and not (again and attempt is not None)
        shown.add(question)
        yield _Answered(concept_name(concept, section), correct, known, guess_of(kind, choices), weight, evidence, at)


@transaction.atomic
def mastery_refresh(*, session_id: UUID) -> list[ConceptBelief]:
    """Recompute and store the mastery of a session's answered concepts; twice is the same as once.

    The session's row is locked, so that of two refreshes the later one sees all answers.
    """
    session = LearningSession.objects.select_for_update().get(pk=session_id)
    believed = [b for b in beliefs(session_id=session.pk, owner_id=session.owner_id) if b.mastery.n]
    rows = [
        MasteryState(
            owner_id=session.owner_id,
            session=session,
            concept=belief.concept,
            state={"version": STATE_VERSION, "gate": asdict(belief.gate)},
            probability=belief.mastery.probability,
            low=belief.mastery.low,
            high=belief.mastery.high,
            answer_count=belief.mastery.n,
            mastered_at=belief.mastered_at,
        )
        for belief in believed
    ]
    MasteryState.objects.filter(session=session, owner_id=session.owner_id).exclude(
        concept__in=[row.concept for row in rows]
    ).delete()
    MasteryState.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["owner", "session", "concept"],
        update_fields=["state", "probability", "low", "high", "answer_count", "mastered_at", "updated_at"],
    )
    return believed
