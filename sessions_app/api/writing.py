"""The answer to a request for a plan, a lesson or a quiz: the thing itself, or the job that makes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from documents_app.services.analysis import ensure_has_material
from jobs_app.api.waiting import job_result
from sessions_app.models import LearningSession
from sessions_app.services.writing import writing_awaited, writing_job
from tutor_project.common.api.prefer import accepted, not_yet, wants_async
from tutor_project.common.api.waiting import on_event_loop, waiting


def written(
    request: Request,
    session: LearningSession,
    job_type: str,
    wanted: dict[str, Any],
    *,
    by_model: bool,
    now: Callable[[], Any],
    made: Callable[[dict[str, Any]], Any],
    status: int,
) -> Any:
    """Return what ``now`` writes or what a job has made, as ``made`` shows its result; 202 with a job until it is there.

    Where a model writes, the event loop waits for a job: no thread of the web does.
    """
    if wants_async(request) or (by_model and on_event_loop(request)):
        ensure_has_material(session_id=session.pk)
        # There is one plan and one lesson of a session, but each quiz asked for is another.
        shared = job_type != "quiz_generation"
        job_id = writing_job(session=session, job_type=job_type, wanted=wanted, shared=shared)
        if wants_async(request):
            return accepted(job_id)
        return waiting(request, job_result(job_id, shown=made, status=status))
    awaited = writing_awaited(session=session, job_type=job_type, wanted=wanted)
    if isinstance(awaited, UUID):
        return not_yet(awaited)
    return Response(made(awaited) if awaited is not None else now(), status=status)
