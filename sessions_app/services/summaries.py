"""The learner's own summaries and mini quizzes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Case, F, Func, Q, Value, When
from django.utils import timezone

from documents_app.domain.analysis.types import Section
from documents_app.selectors.documents import has_material
from documents_app.services.analysis import analysis_ensure, study_load
from documents_app.services.studying import embed_documents
from jobs_app.services.creation import job_create
from sessions_app.engine.summary_judge import Contradicted, judge_summary
from sessions_app.models import LearningSession, Summary
from sessions_app.services.engines import caller_of, gateway_of_judge
from sessions_app.services.spoken import spoken_language
from sessions_app.services.tools import tool_use
from tutor_project.common import events
from tutor_project.common.text import sanitize


@transaction.atomic
def mini_quiz_log(*, session: LearningSession, correct: bool, topic: str) -> None:
    """Count a mini quiz in one statement, so that the figures stay exact however many arrive at once."""
    topics = F("topics_covered")
    known = Q(topics_covered__contains=[topic])
    appended = Func(
        topics, Value(topic), function="array_append", output_field=ArrayField(models.CharField(max_length=300))
    )
    LearningSession.objects.filter(pk=session.pk).update(
        quiz_attempt_count=F("quiz_attempt_count") + 1,
        quiz_correct_count=F("quiz_correct_count") + int(correct),
        topics_covered=Case(When(known, then=topics), default=appended) if topic else topics,
        last_activity_at=timezone.now(),
    )
    events.record(
        "interaction",
        durable=True,
        interaction_type="mini_quiz",
        user_id=session.owner_id,
        session_id=session.pk,
        correct=correct,
    )


@transaction.atomic
def summary_log(*, session: LearningSession, section: str, topic: str, summary: str) -> Summary:
    """Keep a summary and have it judged in the background, with those that waited for the material."""
    kept = Summary.objects.create(
        session=session, section=sanitize(section), topic=sanitize(topic), summary=sanitize(summary)
    )
    LearningSession.objects.filter(pk=session.pk).update(last_activity_at=timezone.now())
    events.record(
        "interaction",
        durable=True,
        interaction_type="summary",
        user_id=session.owner_id,
        session_id=session.pk,
        success=True,
    )
    if has_material(session_id=session.pk):
        for waiting in _waiting(session.pk):
            job_create(
                job_type="summary_judgement",
                job_data={"summary_id": str(waiting), "language": spoken_language().tag},
                owner_id=session.owner_id,
                dedupe_key=f"summary:{waiting}",
            )
    return kept


def summaries_judge_waiting(*, session_id: UUID) -> None:
    """Judge the summaries that were written before there was material to judge them by."""
    if has_material(session_id=session_id):
        for waiting in _waiting(session_id):
            summary_judge(summary_id=waiting)


def _waiting(session_id: UUID) -> list[UUID]:
    return list(
        Summary.objects.filter(session_id=session_id, judged_at=None).order_by("id").values_list("pk", flat=True)
    )


def summary_judge(*, summary_id: UUID) -> dict[str, Any]:
    """Judge a summary: coverage of its section's concepts, faithfulness, copied share; raises NoMaterial."""
    summary = Summary.objects.select_related("session").filter(pk=summary_id).first()
    if summary is None:
        return {"skipped": "deleted"}
    analysis_ensure(owner_id=summary.session.owner_id, session_id=summary.session_id)
    study = study_load(session_id=summary.session_id)
    section = _section_of(summary, study.analysis.sections)
    judgement = tool_use(
        user_id=summary.session.owner_id,
        session_id=summary.session_id,
        name="judge_summary",
        tool=lambda: judge_summary(
            summary.summary,
            section,
            study.analysis,
            study.material,
            embed_documents,
            contradicted=_second_reader(summary.session),
            spoken=spoken_language(),
        ),
    ).as_dict()
    Summary.objects.filter(pk=summary_id).update(
        judgement={**judgement, "section_title": section.title}, judged_at=timezone.now()
    )
    return {"summary_id": str(summary_id), "score": judgement["score"]}


def _second_reader(session: LearningSession) -> Contradicted | None:
    """Return what tells statements that their passages contradict, None where no model may judge."""
    gateway = gateway_of_judge()
    if gateway is None:
        return None
    from sessions_app.engine_model.judging import Claim, contradicted

    caller = caller_of(session)
    return lambda shown: contradicted([Claim(statement, passage) for statement, passage in shown], gateway, caller)


def _section_of(summary: Summary, sections: tuple[Section, ...]) -> Section:
    """Return the section the summary names, by title, then by shared words; the first one when nothing fits."""
    wanted = summary.section.strip().lower()
    exact = next((s for s in sections if s.title.strip().lower() == wanted), None)
    if exact is not None:
        return exact
    words = set(f"{wanted} {summary.topic.lower()}".split())
    return max(sections, key=lambda s: len(words & set(" ".join((*s.path, s.title)).lower().split())))
