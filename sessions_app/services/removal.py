"""What a deleted document leaves behind in learning, removed in the transaction of the deletion.

A learner's record stays whole: answers keep their verdicts, but no text that came out of the document remains.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q

from sessions_app.models import Lesson, Message, Plan, Question, QuizAttempt, SessionReport, Summary

GONE = "This text was deleted with its document."


def document_derived_remove(session_id: UUID, document_id: UUID) -> None:
    """Remove questions, plan, lesson and report, and blank what quotes the document elsewhere in the session."""
    _questions(session_id, document_id)
    for made in (Plan, Lesson, SessionReport):
        made.objects.filter(session_id=session_id).delete()  # type: ignore[attr-defined]
    Summary.objects.filter(session_id=session_id).update(judgement=None, judged_at=None)
    Message.objects.filter(session_id=session_id, citations__contains=[{"document_id": str(document_id)}]).update(
        content=GONE, citations=[], interaction={"type": "deleted"}
    )


def _questions(session_id: UUID, document_id: UUID) -> None:
    derived = Question.objects.filter(session_id=session_id, document_ids__contains=[document_id])
    stems = dict(derived.values_list("pk", "stem"))
    _attempt_results(session_id, {str(pk) for pk in stems})
    # Some messages quote the material without a citation: a question asked in the dialogue, hints, and those that name
    # what comes next or what to go over again.
    uncited = Q(content__in=set(stems.values())) | Q(interaction__effect__in=["finished", "message", "hint"])
    Message.objects.filter(uncited, session_id=session_id).update(content=GONE, interaction={"type": "deleted"})
    derived.filter(answers__isnull=True).delete()
    scrubbed: dict[str, Any] = {
        "stem": GONE,
        "options": [],
        "explanation": "",
        "evidence": [],
        "key": {"type": "text", "accepted": []},
        "document_ids": [],
        "concept": "",
        "related_section": "",
        "topic": "",
        "failures": [],
        "state": Question.State.RETIRED,
        "retired_reason": "document_deleted",
    }
    derived.update(**scrubbed)


def _attempt_results(session_id: UUID, question_ids: set[str]) -> None:
    """Blank the feedback on the derived questions and the advice that names their sections."""
    attempts = QuizAttempt.objects.filter(quiz__session_id=session_id, result__isnull=False)
    for attempt in attempts.select_for_update(of=("self",)):
        assert attempt.result is not None
        touched = [item for item in attempt.result["feedback_items"] if item["question_id"] in question_ids]
        if not touched:
            continue
        for item in touched:
            item |= {"question_text": GONE, "correct_option": "", "explanation": "", "citation": None}
            item |= {"user_selected_option": "", "improvement_suggestion": "", "reason": ""}
        attempt.result |= {"overall_feedback": "", "suggested_study_topics": [], "next_steps": []}
        attempt.save(update_fields=["result", "updated_at"])
