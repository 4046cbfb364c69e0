"""Requests whose work is a job: the event loop waits for it, no thread does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

from jobs_app.domain.lifecycle import JobStatus
from jobs_app.models import Job
from jobs_app.services.control import job_cancel_quietly
from jobs_app.services.creation import JOINED
from jobs_app.services.outcomes import failure_of
from tutor_project.common.api.waiting import FinalAnswer, Work
from tutor_project.common.errors import NotFound
from tutor_project.common.threads import in_thread

FIRST_LOOK_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 1.0
_ENDED = (JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED)


def job_result(job_id: UUID, *, shown: Callable[[dict[str, Any]], Any], status: int) -> Work:
    """Return the work of waiting for a job: its answer is ``shown(result)``.

    A client that leaves cancels the job, unless another request has joined it. A failed job is answered by its own code and
    sentence.
    """

    async def work() -> FinalAnswer:
        try:
            job = await _until_ended(job_id)
        except asyncio.CancelledError:
            await asyncio.shield(in_thread(_left, job_id))
            raise
        if job.status != JobStatus.COMPLETED or job.result is None:
            raise failure_of(None if job.status == JobStatus.CANCELLED else job.error_code, job.error_message)
        if "skipped" in job.result:
            raise NotFound  # what it was for is gone
        return FinalAnswer(await in_thread(shown, job.result), status)

    return work


async def job_ends_within(seconds: float, job_id: UUID) -> bool:
    """Wait for a job to end, at most so long; tell whether it did. It goes on either way."""
    try:
        await asyncio.wait_for(_until_ended(job_id), seconds)
    except TimeoutError:
        return False
    return True


def _left(job_id: UUID) -> None:
    """Cancel the job of a client that has left, unless another may wait for it, perhaps the same page loaded again."""
    if not Job.objects.filter(pk=job_id, metadata__has_key=JOINED).exists():
        job_cancel_quietly(job_id=job_id)


async def _until_ended(job_id: UUID) -> Job:
    pause = FIRST_LOOK_SECONDS
    while (job := await in_thread(_ended, job_id)) is None:
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)
    return job


def _ended(job_id: UUID) -> Job | None:
    return Job.objects.filter(pk=job_id, status__in=_ENDED).first()
