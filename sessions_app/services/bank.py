"""The question bank: what an engine proposes is verified, stored with its verdict, and published only when it passed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max

from documents_app.domain.material import Citation
from documents_app.domain.study import Study
from sessions_app.domain.questions.request import QuestionRequest
from sessions_app.domain.questions.selection import select
from sessions_app.domain.questions.types import (
    RECALL,
    CandidateQuestion,
    DifficultyLevel,
    Option,
    QuestionKind,
    Verdict,
    key_as_dict,
    key_from_dict,
)
from sessions_app.engine.questions.writing import LEAST_WORTH
from sessions_app.models import LearningSession, Question
from sessions_app.selectors.practice import open_question_ids
from sessions_app.services.question_writing import BankView, QuestionEngine, QuestionWriter, question_verifier


def questions_provide(
    *,
    session: LearningSession,
    study: Study,
    request: QuestionRequest,
    writer: QuestionEngine | None = None,
) -> list[Question]:
    """Return up to ``request.count`` published questions: new ones first, then those of the bank the learner saw least.

    Fewer are returned when the material does not hold more verified questions. A request ``within`` sections gets new
    ones only. What the learner's bank holds is avoided, and decides the seed. ``writer`` defaults to the engine of the
    session's owner.
    """
    engine = writer or QuestionWriter(session.owner)
    fresh = _write_new(engine, session, study, request)
    if len(fresh) >= request.count or request.within is not None:
        return fresh[: request.count]
    known = _least_seen(session, request, request.count - len(fresh), without=[row.pk for row in fresh])
    return fresh + known


def _write_new(
    engine: QuestionEngine,
    session: LearningSession,
    study: Study,
    request: QuestionRequest,
) -> list[Question]:
    bank = BankView.load(owner_id=session.owner_id)
    chosen = select(
        lambda wish: engine(session=session, study=study, request=wish),
        question_verifier(study),
        replace(request, seed=bank.size, avoid=frozenset(bank.identities)),
        bank=bank.items,
    )
    judged = [(question, Verdict()) for question in chosen.questions]
    judged += [(refused.question, refused.verdict) for refused in chosen.quarantined]
    return questions_store(session=session, judged=judged)


@transaction.atomic
def questions_store(*, session: LearningSession, judged: Iterable[tuple[CandidateQuestion, Verdict]]) -> list[Question]:
    """Store judged candidates; returns those that passed, which are published. A known fingerprint is stored once."""
    rows = [_row(session, candidate, verdict) for candidate, verdict in judged]
    Question.objects.bulk_create(rows, ignore_conflicts=True)
    stored = set(Question.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    return [row for row in rows if row.pk in stored and row.state == Question.State.PUBLISHED]


def _row(session: LearningSession, question: CandidateQuestion, verdict: Verdict) -> Question:
    return Question(
        owner_id=session.owner_id,
        session=session,
        document_ids=sorted({UUID(citation.document_id) for citation in question.evidence}),
        kind=question.kind.value,
        stem=question.stem,
        options=[asdict(option) for option in question.options],
        key=key_as_dict(question.key),
        explanation=question.explanation,
        evidence=[citation.as_dict() for citation in question.evidence],
        concept=question.concept[:300],
        related_section=question.section_title[:300],
        topic=question.topic[:300],
        difficulty=question.difficulty.value,
        estimate=dict(question.estimate),
        points=question.points,
        pattern=question.pattern,
        engine=question.engine or "builtin",
        fingerprint=question.fingerprint,
        state=Question.State.PUBLISHED if verdict.passed else Question.State.QUARANTINED,
        failures=[{"rule": failure.rule, "detail": failure.detail} for failure in verdict.failures],
    )


def _least_seen(
    session: LearningSession, request: QuestionRequest, count: int, *, without: Sequence[UUID]
) -> list[Question]:
    held = open_question_ids(owner_id=session.owner_id)
    bank = Question.objects.filter(session=session, state=Question.State.PUBLISHED).exclude(pk__in={*without, *held})
    if request.topic:
        bank = bank.filter(topic__iexact=request.topic)
    if request.difficulty:
        bank = bank.filter(difficulty=request.difficulty)
    if request.kinds:
        bank = bank.filter(kind__in=[kind.value for kind in request.kinds])
    seen = bank.exclude(pattern=RECALL).annotate(times=Count("placements"), last=Max("placements__id"))
    # What was written for want of better for one section of a lesson stays there, and so does what is asked in lessons alone.
    least = 0.0 if request.kinds else LEAST_WORTH
    worthy = (row for row in seen.order_by("times", "last", "id") if row.estimate.get("worth", 1.0) >= least)
    return list(islice(worthy, count))


def candidate_of(question: Question) -> CandidateQuestion:
    """Return a stored question as the domain sees it."""
    return CandidateQuestion(
        kind=QuestionKind(question.kind),
        stem=question.stem,
        key=key_from_dict(question.key),
        explanation=question.explanation,
        evidence=tuple(Citation(**citation) for citation in question.evidence),
        options=tuple(Option(**option) for option in question.options),
        concept=question.concept,
        section_title=question.related_section,
        topic=question.topic,
        difficulty=DifficultyLevel(question.difficulty),
        estimate=question.estimate,
        points=question.points,
        pattern=question.pattern,
        engine=question.engine,
    )
