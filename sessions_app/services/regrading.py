"""Regrading after a key changed: a dry run lists whose score changes, applying it writes the scores, undoing gives them back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from sessions_app.domain.grading.attempt import GradedItem
from sessions_app.domain.grading.types import GradeVerdict
from sessions_app.errors import NothingToUndo, QuestionNotFound
from sessions_app.models import AnswerRecord, LearningSession, Question, QuestionRevision, QuizAttempt
from sessions_app.services.attempts import attempt_result, stored_verdict
from sessions_app.services.bank import candidate_of
from sessions_app.services.grading import answer_grader
from sessions_app.services.mastery import mastery_refresh

REGRADE, UNDO = "regrade", "undo_regrade"


@dataclass(frozen=True, slots=True)
class GradeChange:
    """An answer whose grade changes; scores are per cent of the attempt, None for answers outside a quiz."""

    answer_id: str
    learner: str
    attempt_id: str | None
    given: str
    verdict_before: str
    verdict_after: str
    credit_before: float
    credit_after: float
    reason_before: str
    reason_after: str
    score_before: float | None
    score_after: float | None


@dataclass(frozen=True, slots=True)
class Regrade:
    """What a regrade changes; ``kept`` counts the answers that a person decided, which stand."""

    question_id: str
    applied: bool
    checked: int
    kept: int
    changes: tuple[GradeChange, ...]
    version: int

    def as_dict(self) -> dict[str, Any]:
        """Return the regrade as JSON-ready data."""
        return {**asdict(self), "changes": [asdict(change) for change in self.changes]}


@transaction.atomic
def question_regrade(*, question_id: UUID, user: Any, apply: bool = False, reason: str = "") -> Regrade:
    """Grade every answer to a question by its present key.

    A dry run lists whose score changes and writes nothing; ``apply`` writes the grades, the attempts' scores and the
    mastery, and keeps both sides in the question's history. Raises QuestionNotFound.
    """
    question = Question.objects.select_for_update(of=("self",)).filter(pk=question_id).first()
    if question is None:
        raise QuestionNotFound
    LearningSession.objects.select_for_update().get(pk=question.session_id)
    records = list(AnswerRecord.objects.filter(question=question).select_related("owner", "attempt").order_by("id"))
    open_to_change = [record for record in records if record.reviewed_at is None]
    save_point = transaction.savepoint()
    changes = _changes(question, open_to_change)
    result = Regrade(
        str(question.pk), apply, len(records), len(records) - len(open_to_change), tuple(changes), question.version
    )
    if not apply:
        transaction.savepoint_rollback(save_point)
        return result
    transaction.savepoint_commit(save_point)
    if changes:
        _history(question, REGRADE, changes, user, reason)
        mastery_refresh(session_id=question.session_id)
    return Regrade(result.question_id, True, result.checked, result.kept, result.changes, question.version)


def _changes(question: Question, records: list[AnswerRecord]) -> list[GradeChange]:
    """Write the new grades and return what they changed; the caller decides whether they stay."""
    grader = answer_grader(session_id=question.session_id)
    candidate = candidate_of(question)
    changed: list[tuple[AnswerRecord, str, float, str]] = []
    for record in records:
        before = (record.verdict, record.credit, record.reason)
        grade = grader(candidate, option_id=record.option_id, text=record.text)
        record.verdict, record.credit = stored_verdict(grade), grade.credit
        if (record.verdict, record.credit) != before[:2]:
            record.reason = grade.words
            record.save(update_fields=["verdict", "credit", "reason", "updated_at"])
            changed.append((record, *before))
    scores: dict[UUID | None, tuple[float | None, float | None]] = {
        record.attempt_id: (record.attempt.score_percentage, attempt_recompute(attempt_id=record.attempt_id))
        for record, *_ in changed
        if record.attempt_id is not None and record.attempt is not None
    }
    return [_change(question, record, before, scores.get(record.attempt_id)) for record, *before in changed]  # type: ignore[arg-type]


def _change(
    question: Question, record: AnswerRecord, before: list[Any], scores: tuple[float | None, float | None] | None
) -> GradeChange:
    verdict, credit, reason = before
    texts = {option["id"]: option["text"] for option in question.options}
    return GradeChange(
        answer_id=str(record.pk),
        learner=record.owner.username,
        attempt_id=str(record.attempt_id) if record.attempt_id else None,
        given=texts.get(record.option_id, record.text),
        verdict_before=str(verdict),
        verdict_after=str(record.verdict),
        credit_before=credit,
        credit_after=record.credit,
        reason_before=reason,
        reason_after=record.reason,
        score_before=scores[0] if scores else None,
        score_after=scores[1] if scores else None,
    )


@transaction.atomic
def regrade_undo(*, question_id: UUID, user: Any, reason: str = "") -> int:
    """Give back the grades from before the question's latest regrade; returns how many.

    Answers that changed since, by a person or another regrade, stand. Raises QuestionNotFound or NothingToUndo.
    """
    question = Question.objects.select_for_update(of=("self",)).filter(pk=question_id).first()
    if question is None:
        raise QuestionNotFound
    LearningSession.objects.select_for_update().get(pk=question.session_id)
    steps = QuestionRevision.objects.filter(question=question, action__in=[REGRADE, UNDO])
    latest = steps.order_by("-version").first()
    if latest is None or latest.action == UNDO:
        raise NothingToUndo
    restored: list[GradeChange] = []
    for step in [GradeChange(**data) for data in latest.after["changes"]]:
        record = AnswerRecord.objects.select_related("owner", "attempt").filter(pk=step.answer_id).first()
        if (
            record is None
            or record.reviewed_at
            or (record.verdict, record.credit)
            != (
                step.verdict_after,
                step.credit_after,
            )
        ):
            continue
        before = [record.verdict, record.credit, record.reason]
        score = record.attempt.score_percentage if record.attempt is not None else None
        record.verdict, record.credit, record.reason = step.verdict_before, step.credit_before, step.reason_before
        record.save(update_fields=["verdict", "credit", "reason", "updated_at"])
        again = attempt_recompute(attempt_id=record.attempt_id) if record.attempt_id else None
        restored.append(_change(question, record, before, (score, again)))
    _history(question, UNDO, restored, user, reason)
    mastery_refresh(session_id=question.session_id)
    return len(restored)


def _history(question: Question, action: str, changes: list[GradeChange], user: Any, reason: str) -> None:
    question.version += 1
    question.save(update_fields=["version", "updated_at"])
    QuestionRevision.objects.create(
        question=question,
        version=question.version,
        action=action,
        before={},
        after={"changes": [asdict(change) for change in changes]},
        reason=reason[:500],
        changed_by=user,
    )


def attempt_recompute(*, attempt_id: UUID) -> float | None:
    """Recompute an attempt's result from its answers as they are graded now; returns the score in per cent."""
    attempt = QuizAttempt.objects.select_for_update(of=("self",)).select_related("quiz").get(pk=attempt_id)
    if attempt.status != QuizAttempt.Status.SUBMITTED:
        return attempt.score_percentage
    records = list(
        AnswerRecord.objects.filter(attempt=attempt, question__placements__quiz_id=attempt.quiz_id)
        .select_related("question")
        .order_by("question__placements__index")
    )
    items = [_item(record) for record in records]
    feedback = attempt_result(attempt, items, records)
    attempt.result = {**(attempt.result or {}), **feedback}
    attempt.score_percentage = feedback["score_percentage"]
    attempt.correct_answers = feedback["correct_answers"]
    attempt.passed = feedback["passed"]
    attempt.needs_review_count = sum(record.verdict == AnswerRecord.Verdict.NEEDS_REVIEW for record in records)
    attempt.save(
        update_fields=["result", "score_percentage", "correct_answers", "passed", "needs_review_count", "updated_at"]
    )
    return attempt.score_percentage


def _item(record: AnswerRecord) -> GradedItem:
    candidate = candidate_of(record.question)
    chosen = candidate.option(record.option_id)
    verdict = GradeVerdict.INCORRECT if record.verdict == AnswerRecord.Verdict.PARTIAL else GradeVerdict(record.verdict)
    return GradedItem(candidate, chosen.text if chosen else record.text, verdict, record.credit, record.reason)
