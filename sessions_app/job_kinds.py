"""Job kinds of learning."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import translation

from documents_app.services.analysis import analysis_ensure
from jobs_app.context import JobContext
from jobs_app.registry import JobInput, JobKind, register
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.models import LearningSession
from sessions_app.services import marking, quizzes, reports, summaries, teaching


class SessionInput(JobInput):
    """The session to work on."""

    session_id: UUID


class TopicInput(SessionInput):
    """A session and, perhaps, a topic."""

    topic: str = ""


class QuizInput(TopicInput):
    """The quiz wanted."""

    difficulty: str | None = None
    question_count: int = 10
    question_types: list[str] = []


class AttemptInput(JobInput):
    """The attempt whose answers wait."""

    attempt_id: UUID


class ReportInput(SessionInput):
    """The session to report on, and the language of the report."""

    language: str = "en"


class SummaryInput(JobInput):
    """The summary to judge, and the language to say it in."""

    summary_id: UUID
    language: str = "en"


def _session(context: JobContext) -> LearningSession | None:
    """Return the session with its analysis made, None where it was deleted."""
    session = LearningSession.objects.select_related("owner").filter(pk=context.input["session_id"]).first()
    if session is not None:
        context.progress("analyse", 0, 1)
        analysis_ensure(owner_id=session.owner_id, session_id=session.pk)
    return session


def _quiz(context: JobContext) -> dict[str, Any]:
    session = _session(context)
    if session is None:
        return {"skipped": "deleted"}
    wanted = context.input
    context.progress("generate", 0, 1)
    quiz = quizzes.quiz_generate(
        session=session,
        count=wanted["question_count"],
        topic=wanted["topic"],
        difficulty=wanted["difficulty"],
        kinds=[QuestionKind(kind) for kind in wanted["question_types"]] or None,
        generation_key=str(context.job_id),
    )
    return {"quiz_id": str(quiz.pk), "questions": quiz.items.count()}


def _lesson(context: JobContext) -> dict[str, Any]:
    session = _session(context)
    if session is None:
        return {"skipped": "deleted"}
    context.progress("generate", 0, 1)
    lesson = teaching.lesson_generate(session=session, topic=context.input["topic"], commit=context.commit)
    return {"lesson_id": str(lesson.pk)}


def _opening(context: JobContext) -> dict[str, Any]:
    session = _session(context)
    if session is None:
        return {"skipped": "deleted"}
    context.progress("generate", 0, 1)
    opened = teaching.lesson_open(session=session, topic=context.input["topic"], commit=context.commit)
    return {"lesson_id": str(opened.lesson.pk), "written_by": str(opened.written_by) if opened.written_by else None}


def _plan(context: JobContext) -> dict[str, Any]:
    session = _session(context)
    if session is None:
        return {"skipped": "deleted"}
    context.progress("generate", 0, 1)
    plan = teaching.plan_generate(session=session, topic=context.input["topic"], commit=context.commit)
    return {"plan_id": str(plan.pk)}


def _judge(context: JobContext) -> dict[str, Any]:
    with translation.override(context.input.get("language", "en")):
        return summaries.summary_judge(summary_id=UUID(context.input["summary_id"]))


def _mark(context: JobContext) -> dict[str, Any]:
    return marking.answers_mark(attempt_id=UUID(context.input["attempt_id"]))


def _report(context: JobContext) -> dict[str, Any]:
    context.release_dedupe_key()
    with translation.override(context.input.get("language", "en")):
        return reports.report_make(session_id=UUID(context.input["session_id"]))


PROCESSOR_SECONDS = 180.0
BUILDING: dict[str, Any] = {"asks_model": True, "processor_limit": PROCESSOR_SECONDS}
"""What writing takes: perhaps a model, and so many seconds of processor time; waiting for a model takes none."""

register(JobKind(name="quiz_generation", handler=_quiz, input_schema=QuizInput, **BUILDING))
register(JobKind(name="lesson_generation", handler=_lesson, input_schema=TopicInput, **BUILDING))
register(JobKind(name="lesson_opening", handler=_opening, input_schema=TopicInput, processor_limit=PROCESSOR_SECONDS))
register(JobKind(name="plan_generation", handler=_plan, input_schema=TopicInput, **BUILDING))
register(
    JobKind(
        name="summary_judgement",
        handler=_judge,
        input_schema=SummaryInput,
        priority="low",
        **BUILDING,
    )
)
register(JobKind(name="answers_marking", handler=_mark, input_schema=AttemptInput, priority="low", **BUILDING))
register(JobKind(name="session_report", handler=_report, input_schema=ReportInput, **BUILDING))
