"""One owner's long runs do not keep a whole worker while somebody else waits.

Turns (``services/turns.py``) share out processes as they become free. Where one owner's runs take minutes, none does: then
the youngest of them goes back to the queue, and its process takes the next job of somebody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Now

from jobs_app.domain.lifecycle import JobStatus
from jobs_app.models import Job, JobAttempt
from jobs_app.services import ledger
from jobs_app.services.turns import next_turn

HOLD_SECONDS = 20.0
"""All runs of a worker have lasted so long before one yields."""
LOOKED_AT = 50
"""Turns put the jobs of others near the head of a queue; what stands further back need not be read."""


def others_wait(*, lease_tokens: Sequence[UUID], queues: Sequence[str]) -> bool:
    """Tell whether these runs are all of one person while a job of somebody else is next in one of the queues."""
    running = Job.objects.filter(status=JobStatus.RUNNING, is_group=False)
    owners = set(running.filter(lease_token__in=lease_tokens).values_list("owner_id", flat=True))
    if len(owners) != 1 or None in owners:
        return False
    waiting = Job.objects.filter(status=JobStatus.PENDING, is_group=False, dispatched_at__lte=Now())
    free = waiting.exclude(Exists(running.filter(exclusive_key=OuterRef("exclusive_key"))))
    for queue in queues:
        next_ones = free.filter(queue=queue).order_by("turn", "id")
        if set(next_ones.values_list("owner_id", flat=True)[:LOOKED_AT]) - owners:
            return True
    return False


@transaction.atomic
def run_set_aside(*, job_id: UUID, lease_token: UUID) -> None:
    """Send a run back to wait for its owner's next turn; it does not count as an attempt."""
    job = Job.objects.filter(pk=job_id, lease_token=lease_token).first()
    if job is None:
        return
    waits = ledger.job_wait_again(
        job=job, delay_seconds=0, outcome=JobAttempt.Outcome.RETRIED,
        error_code="set_aside", error_detail="Its owner's jobs held every process while others waited.", expected=True,
    )  # fmt: skip
    if waits:
        turn = next_turn(owner_id=job.owner_id, queue=job.queue)
        Job.objects.filter(pk=job_id, status=JobStatus.PENDING).update(turn=turn, max_attempts=F("max_attempts") + 1)
