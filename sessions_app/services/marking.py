"""Answers that wait for a person, judged by a model that has shown that it can: what it is unsure of goes on waiting."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from sessions_app.models import AnswerRecord, LearningSession
from sessions_app.services.bank import candidate_of
from sessions_app.services.engines import caller_of, gateway_of_judge
from sessions_app.services.mastery import mastery_refresh
from sessions_app.services.regrading import attempt_recompute


def answers_mark(*, attempt_id: UUID) -> dict[str, Any]:
    """Judge the answers of an attempt that wait, and decide those that the judge can prove; doing it again changes nothing."""
    from sessions_app.engine_model.marking import OpenAnswer, marked

    gateway = gateway_of_judge()
    waiting = list(
        AnswerRecord.objects.filter(attempt_id=attempt_id, verdict=AnswerRecord.Verdict.NEEDS_REVIEW)
        .exclude(text="")
        .select_related("question", "session")
        .order_by("id")
    )
    if gateway is None or not waiting:
        return {"judged": 0, "waiting": len(waiting)}
    asked = []
    for record in waiting:
        question = candidate_of(record.question)
        passage = " ".join(citation.text for citation in question.evidence)
        asked.append(OpenAnswer(question.stem, question.key_text, passage, record.text))
    marks = marked(asked, gateway, caller_of(waiting[0].session))
    decided = {record.pk: mark.right for record, mark in zip(waiting, marks, strict=True) if mark is not None}
    return {
        "judged": _decide(attempt_id, waiting[0].session_id, decided, gateway.model) if decided else 0,
        "waiting": len(waiting) - len(decided),
    }


@transaction.atomic
def _decide(attempt_id: UUID, session_id: UUID, decided: dict[UUID, bool], model: str) -> int:
    """Keep the verdicts of answers that still wait; the attempt's score and the session's mastery follow."""
    LearningSession.objects.select_for_update().get(pk=session_id)
    rows = AnswerRecord.objects.select_for_update(of=("self",)).filter(
        pk__in=decided, verdict=AnswerRecord.Verdict.NEEDS_REVIEW
    )
    count = 0
    for answer in rows:
        right = decided[answer.pk]
        answer.verdict = AnswerRecord.Verdict.CORRECT if right else AnswerRecord.Verdict.INCORRECT
        answer.credit, answer.reason = float(right), f"judged by {model}"[:300]
        answer.save(update_fields=["verdict", "credit", "reason", "updated_at"])
        count += 1
    attempt_recompute(attempt_id=attempt_id)
    mastery_refresh(session_id=session_id)
    return count
