"""How a session went: strengths, gaps and what to review, from the record of the session."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from documents_app.domain.material import Citation
from jobs_app.services.creation import job_create
from sessions_app.domain.dialogue.machine import DialogueState, Phase
from sessions_app.domain.lesson.codec import lesson_from_dict
from sessions_app.domain.lesson.types import LessonContent
from sessions_app.engine.session_report import GradedAnswer, JudgedSummary, SessionFigures, session_report
from sessions_app.models import (
    AnswerRecord,
    LearningSession,
    Lesson,
    MasteryState,
    Message,
    QuizAttempt,
    SessionReport,
    Summary,
)
from sessions_app.services.bank import candidate_of
from sessions_app.services.engines import caller_of, gateway_of_judge
from sessions_app.services.spoken import spoken_language
from sessions_app.services.summaries import summaries_judge_waiting
from sessions_app.services.tools import tool_use

ENGINE = "builtin"


def report_request(*, session: LearningSession) -> UUID:
    """Create the job that makes the report; returns its id."""
    job = job_create(
        job_type="session_report",
        job_data={"session_id": str(session.pk), "language": spoken_language().tag},
        owner_id=session.owner_id,
        dedupe_key=f"report:{session.pk}",
        trigger="api",
    )
    return job.pk


def report_make(*, session_id: UUID) -> dict[str, Any]:
    """Make and store the report; a deleted session ends quietly."""
    session = LearningSession.objects.filter(pk=session_id).first()
    if session is None:
        return {"skipped": "deleted"}
    summaries_judge_waiting(session_id=session_id)
    answers, read_by_model = _answers(session)
    stored = Lesson.objects.filter(session=session).first()
    lesson = lesson_from_dict(stored.content) if stored else None
    record: dict[str, Any] = {
        "lesson": lesson,
        "answers": answers,
        "summaries": _summaries(session),
        "mastery": dict(MasteryState.objects.filter(session=session).values_list("concept", "probability")),
        "figures": _figures(session, lesson),
    }
    made = tool_use(
        user_id=session.owner_id,
        session_id=session.pk,
        name="session_report",
        tool=lambda: session_report(**record, tongue=spoken_language()),
    )
    engine = "model" if read_by_model else ENGINE
    SessionReport.objects.update_or_create(session=session, defaults={"content": made.as_dict(), "engine": engine})
    return {"session_id": str(session_id)}


def _answers(session: LearningSession) -> tuple[list[GradedAnswer], bool]:
    """Return the graded answers in order, and whether a model has read any of the wrong ones."""
    graded = AnswerRecord.objects.filter(session=session).exclude(verdict="needs_review").select_related("question")
    rows = list(graded.order_by("id"))
    read = _beliefs(session, [row for row in rows if row.verdict == AnswerRecord.Verdict.INCORRECT])
    return [
        GradedAnswer(
            concept=row.question.concept,
            section=row.question.related_section,
            question=row.question.stem,
            correct=row.verdict == AnswerRecord.Verdict.CORRECT,
            hints=row.hints_used,
            citation=Citation(**row.question.evidence[0]) if row.question.evidence else None,
            belief=read.get(row.pk, ""),
        )
        for row in rows
    ], any(read.values())


def _beliefs(session: LearningSession, wrong: list[AnswerRecord]) -> dict[Any, str]:
    """Return by answer what it seems to rest on, as a model that may judge reads it; empty without such a model."""
    gateway = gateway_of_judge() if wrong else None
    if gateway is None:
        return {}
    from sessions_app.engine_model.marking import OpenAnswer
    from sessions_app.engine_model.misconceptions import beliefs

    missed = []
    for row in wrong:
        question = candidate_of(row.question)
        option = question.option(row.option_id)
        passage = " ".join(citation.text for citation in question.evidence)
        missed.append(OpenAnswer(question.stem, question.key_text, passage, option.text if option else row.text))
    read = beliefs(missed, spoken_language(), gateway, caller_of(session))
    return {row.pk: belief for row, belief in zip(wrong, read, strict=True)}


def _summaries(session: LearningSession) -> list[JudgedSummary]:
    rows = Summary.objects.filter(session=session, judgement__isnull=False).order_by("id")
    return [
        JudgedSummary(
            section=row.section,
            coverage=row.judgement["coverage"],
            faithfulness=row.judgement["faithfulness"],
            missing=tuple(item["concept"] for item in row.judgement["missing"]),
        )
        for row in rows
        if row.judgement is not None
    ]


def _sections_seen(session: LearningSession, lesson: LessonContent | None) -> tuple[str, ...]:
    """Titles of the sections the dialogue has come to."""
    state = DialogueState.from_dict(session.dialogue)
    if lesson is None or state.phase is Phase.IDLE:
        return ()
    through = state.returning or state.phase is Phase.FINISHED
    return tuple(section.title for section in lesson.sections if through or section.index <= state.section)


def _figures(session: LearningSession, lesson: LessonContent | None) -> SessionFigures:
    ended = session.ended_at or session.last_activity_at
    asked = Message.objects.filter(session=session, role=Message.Role.LEARNER)
    return SessionFigures(
        interactions=session.message_count,
        questions_asked=asked.filter(interaction__type__in=["ask", "question"]).count(),
        quiz_attempts=QuizAttempt.objects.filter(quiz__session=session, status="submitted").count()
        + session.quiz_attempt_count,
        sections_seen=_sections_seen(session, lesson),
        duration=max((ended - session.created_at).total_seconds(), 0.0),
    )
