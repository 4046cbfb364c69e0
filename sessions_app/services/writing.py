"""Whether a plan, a lesson or a quiz is written within the request that asks for it, or by a job that the request waits for.

The length of the material decides. What is written is in ``teaching`` and ``quizzes``, by which engine in ``lesson_writing``
and ``question_writing``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from documents_app.selectors.documents import material_length
from documents_app.services.analysis import analysis_awaited, material_fingerprint
from jobs_app.services.creation import job_create
from jobs_app.services.outcomes import job_outcome
from sessions_app.models import LearningSession, Lesson, Plan, Quiz
from tutor_project.platform.quotas import quota_spend

AT_ONCE = {"plan_generation": 150_000, "lesson_generation": 25_000, "quiz_generation": 50_000}
"""Up to so many characters of material the work takes at most about 300 ms of a core, by kind of job."""


def writing_awaited(*, session: LearningSession, job_type: str, wanted: dict[str, Any]) -> UUID | dict[str, Any] | None:
    """Return the job to wait for, the result that a job has just made for this request, or None: write it now.

    However many ask for the same, one job is made. Raises NoMaterial, MaterialProcessing, and JobRefused with the code of
    the failure where the analysis or the job has failed.
    """
    analysis = analysis_awaited(owner_id=session.owner_id, session_id=session.pk)
    if analysis is not None:
        return analysis
    if material_length(session_id=session.pk) > AT_ONCE[job_type]:
        key = request_key(session, job_type, wanted)
        known = job_outcome(owner_id=session.owner_id, job_type=job_type, dedupe_key=key)
        if isinstance(known, dict):
            if _CURRENT[job_type](session, known):
                return known
        elif known is not None:
            return known.pk
        return writing_job(session=session, job_type=job_type, wanted=wanted, shared=True)
    quota_spend(user_id=session.owner_id, generations=1)
    return None


def writing_job(*, session: LearningSession, job_type: str, wanted: dict[str, Any], shared: bool) -> UUID:
    """Have a job write; where it is ``shared``, the one under way for the same request is returned if there is one."""
    quota_spend(user_id=session.owner_id, generations=1)
    job = job_create(
        job_type=job_type,
        job_data={"session_id": str(session.pk), **wanted},
        owner_id=session.owner_id,
        dedupe_key=request_key(session, job_type, wanted) if shared else None,
        trigger="api",
    )
    return job.pk


def request_key(session: LearningSession, job_type: str, wanted: dict[str, Any]) -> str:
    """Return what the jobs of the same request share, so that there is one of them at a time."""
    digest = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()
    return f"{job_type}:{session.pk}:{digest}"


def _plan_is_current(session: LearningSession, result: dict[str, Any]) -> bool:
    present = material_fingerprint(session_id=session.pk)
    return Plan.objects.filter(session=session, pk=result["plan_id"], source_fingerprint=present).exists()


def _lesson_is_current(session: LearningSession, result: dict[str, Any]) -> bool:
    present = material_fingerprint(session_id=session.pk)
    return Lesson.objects.filter(session=session, pk=result["lesson_id"], source_fingerprint=present).exists()


def _quiz_is_new(session: LearningSession, result: dict[str, Any]) -> bool:
    """A quiz that somebody began is not handed out as a new one."""
    return Quiz.objects.filter(session=session, pk=result["quiz_id"], attempts__isnull=True).exists()


_CURRENT: dict[str, Callable[[LearningSession, dict[str, Any]], bool]] = {
    "plan_generation": _plan_is_current,
    "lesson_generation": _lesson_is_current,
    "quiz_generation": _quiz_is_new,
}
