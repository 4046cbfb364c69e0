"""Telling Celery that a job waits. A lost message is no loss: the sweeper finds the row and sends another."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from kombu.exceptions import OperationalError as BrokerError

from jobs_app.domain.lifecycle import JobStatus
from jobs_app.models import Job

log = structlog.get_logger(__name__)

EXECUTE_TASK = "jobs.execute"


def dispatch_on_commit(jobs: Iterable[Job]) -> None:
    """Send the jobs once the present transaction has committed."""
    messages = [(job.pk, job.queue) for job in jobs]
    transaction.on_commit(partial(_send_all, messages))


def _send_all(messages: list[tuple[UUID, str]]) -> None:
    for position, (_, queue) in enumerate(messages):
        try:
            send(queue=queue)
        except (BrokerError, ConnectionError, OSError) as error:
            unsent = [message[0] for message in messages[position:]]
            log.warning("jobs_not_dispatched", count=len(unsent), error=type(error).__name__)
            Job.objects.filter(pk__in=unsent).update(dispatched_at=None)
            return


def send(*, queue: str) -> None:
    """Send one message; raises kombu's OperationalError when the broker is away."""
    from tutor_project.celery import app

    app.send_task(EXECUTE_TASK, queue=queue, retry=False)


def dispatch_next_exclusive(exclusive_key: str) -> None:
    """Dispatch the oldest due job of the key, after commit; one that waits for its time is left to the sweeper."""
    waiting = Job.objects.filter(
        Q(scheduled_for=None) | Q(scheduled_for__lte=Now()),
        exclusive_key=exclusive_key,
        status=JobStatus.PENDING,
        is_group=False,
    )
    job = waiting.order_by("id").first()
    if job is not None:
        Job.objects.filter(pk=job.pk, status=JobStatus.PENDING).update(dispatched_at=Now())
        dispatch_on_commit([job])
