"""Item analysis in the background: measured figures replace estimates, bad questions retire."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from sessions_app.domain.item_analysis import (
    ItemStatistics,
    Response,
    item_statistics,
    measured_difficulty,
    quiz_statistics,
    retirement_reason,
)
from sessions_app.domain.questions.duplicates import BankItem, near_duplicate
from sessions_app.exports.bank import right_option
from sessions_app.models import AnswerRecord, Question, QuestionRevision, Quiz, ReviewCard
from sessions_app.selectors.practice import open_question_ids, open_questions
from sessions_app.services.bank import candidate_of
from sessions_app.services.mastery import guess_of
from tutor_project.common import runtime

RETIRE = "retire"
MOST_AT_ONCE = 1000
ANALYSED_FIELDS = (
    "answer_count", "facility", "discrimination", "item_statistics", "difficulty", "difficulty_measured",
    "state", "retired_reason", "version", "updated_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ItemAnalysisResult:
    """What one run did: questions and quizzes measured; retired as bad, as unanswered, and into a question that asks the same."""

    questions: int
    quizzes: int
    retired: int
    unanswered: int = 0
    merged: int = 0


def items_analyse(*, since: datetime | None = None) -> ItemAnalysisResult:
    """Recompute the figures of all questions and quizzes answered since ``since`` (None: ever).

    Every figure is computed from all answers to the question, so a run repeated changes nothing. Each question and
    each quiz is stored in a transaction of its own.
    """
    fresh = AnswerRecord.objects.all() if since is None else AnswerRecord.objects.filter(updated_at__gte=since)
    question_ids = list(fresh.order_by().values_list("question_id", flat=True).distinct())
    quiz_ids = list(
        fresh.filter(attempt__isnull=False).order_by().values_list("attempt__quiz_id", flat=True).distinct()
    )
    retired = sum(question_analyse(question_id=pk) for pk in question_ids)
    for pk in quiz_ids:
        quiz_analyse(quiz_id=pk)
    return ItemAnalysisResult(
        len(question_ids), len(quiz_ids), retired, unanswered_retire(), duplicates_merge(since=since)
    )


@transaction.atomic
def unanswered_retire() -> int:
    """Retire the published questions that nobody has answered for so long that nobody will; returns how many.

    A question that is open in a quiz may be answered yet: it is left for the next run.
    """
    days = runtime.get_int("QUESTION_UNANSWERED_DAYS")
    old = Question.objects.filter(
        state=Question.State.PUBLISHED, answers=None, created_at__lt=timezone.now() - timedelta(days=days)
    )
    owners = old.order_by().values_list("owner_id", flat=True).distinct()
    held = set().union(*(open_question_ids(owner_id=owner_id) for owner_id in owners))
    chosen = list(old.exclude(pk__in=held).values_list("pk", flat=True)[:MOST_AT_ONCE])
    locked = list(Question.objects.select_for_update().filter(pk__in=chosen))
    for question in locked:
        _retire(question, "unanswered")
        question.save(update_fields=["state", "retired_reason", "version", "updated_at"])
    return len(locked)


def duplicates_merge(*, since: datetime | None) -> int:
    """Merge each published question made since ``since`` into one of the learner's bank that asks the same; returns how many.

    The bank is that of all the learner's courses, as for new questions. The older question stays, because it has the answers;
    the newer one retires and its review goes on with the older one.
    A question that is open in a quiz is left for the next run.
    """
    fresh = Question.objects.filter(state=Question.State.PUBLISHED)
    if since is not None:
        fresh = fresh.filter(created_at__gte=since)
    owners = fresh.order_by().values_list("owner_id", flat=True).distinct()
    return sum(_merge_bank(owner_id, since) for owner_id in owners)


@transaction.atomic
def _merge_bank(owner_id: UUID, since: datetime | None) -> int:
    held = open_question_ids(owner_id=owner_id)
    rows = Question.objects.filter(owner_id=owner_id, state=Question.State.PUBLISHED).order_by("id")
    kept: dict[BankItem, Question] = {}
    merged = 0
    for question in rows.iterator():
        candidate = candidate_of(question)
        new = since is None or question.created_at >= since
        twin = near_duplicate(candidate, kept) if new and question.pk not in held else None
        if twin is None:
            kept.setdefault(BankItem.of(candidate), question)
            continue
        _review_continues(question, kept[twin])
        _retire(question, f"asks the same as question {kept[twin].pk}")
        question.save(update_fields=["state", "retired_reason", "version", "updated_at"])
        merged += 1
    return merged


def _review_continues(retired: Question, kept: Question) -> None:
    """The review of a retired question goes on with the one that stays, unless that has a review of its own."""
    if not ReviewCard.objects.filter(owner_id=kept.owner_id, question=kept).exists():
        ReviewCard.objects.filter(owner_id=retired.owner_id, question=retired).update(
            question=kept, session_id=kept.session_id
        )


@transaction.atomic
def question_analyse(*, question_id: UUID) -> bool:
    """Store the figures of one question; returns whether it retired now. A deleted question is a quiet success.

    A question that is open in a quiz does not retire under the learner's hands: it is judged again with its next answers.
    """
    question = Question.objects.select_for_update().filter(pk=question_id).first()
    if question is None:
        return False
    candidate = candidate_of(question)
    figures = item_statistics(
        str(question.pk),
        _responses_around(question.pk),
        options=[option.id for option in candidate.options],
        key_option=right_option(candidate),
    )
    question.answer_count = figures.n
    question.facility = figures.facility
    question.discrimination = figures.discrimination
    question.item_statistics = _stored(figures)
    label = measured_difficulty(figures, guess_of(question.kind, len(question.options)))
    if label is not None:
        question.difficulty, question.difficulty_measured = label, True
    reason = retirement_reason(figures) if question.state == Question.State.PUBLISHED else None
    if reason is not None and open_questions(owner_id=question.owner_id).filter(pk=question.pk).exists():
        reason = None
    if reason is not None:
        _retire(question, reason)
    question.save(update_fields=ANALYSED_FIELDS)
    return reason is not None


def _retire(question: Question, reason: str) -> None:
    before = {"state": question.state}
    question.state, question.retired_reason = Question.State.RETIRED, reason
    question.version += 1
    QuestionRevision.objects.create(
        question=question,
        version=question.version,
        action=RETIRE,
        before=before,
        after={"state": question.state, "retired_reason": reason},
        reason=f"item analysis: {reason}",
    )


@transaction.atomic
def quiz_analyse(*, quiz_id: UUID) -> None:
    """Store mean, spread and reliability of one quiz over its submitted attempts."""
    quiz = Quiz.objects.select_for_update().filter(pk=quiz_id).first()
    if quiz is None:
        return
    question_ids = [str(pk) for pk in quiz.items.order_by("index").values_list("question_id", flat=True)]
    rows = _graded(AnswerRecord.objects.filter(attempt__quiz=quiz))
    quiz.statistics = asdict(quiz_statistics(_responses(rows), question_ids))
    quiz.save(update_fields=["statistics", "updated_at"])


def _responses_around(question_id: UUID) -> list[Response]:
    """Return the answers to the question, and all others of the attempts that it was part of."""
    own = _graded(AnswerRecord.objects.filter(question_id=question_id))
    attempts = [row["attempt_id"] for row in own if row["attempt_id"] is not None]
    others = _graded(AnswerRecord.objects.filter(attempt_id__in=attempts).exclude(question_id=question_id))
    return _responses([*own, *others])


def _graded(answers: Any) -> Sequence[dict[str, Any]]:
    decided = answers.exclude(verdict=AnswerRecord.Verdict.NEEDS_REVIEW).order_by("id")
    return list(decided.values("id", "attempt_id", "question_id", "credit", "option_id", "time_taken_seconds"))


def _responses(rows: Iterable[dict[str, Any]]) -> list[Response]:
    """An answer outside a quiz is a sitting of its own: it counts for facility and has no rest to compare with."""
    return [
        Response(
            attempt_id=str(row["attempt_id"] or row["id"]),
            question_id=str(row["question_id"]),
            score=row["credit"],
            option_id=row["option_id"],
            seconds=row["time_taken_seconds"],
        )
        for row in rows
    ]


def _stored(figures: ItemStatistics) -> dict[str, Any]:
    stored = asdict(figures)
    stored["distractors"] = list(stored["distractors"])
    return stored
