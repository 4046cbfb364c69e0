"""What a running job may do to its own row: report progress, reach a checkpoint, commit an effect."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import transaction

from jobs_app.errors import JobCancelled, LeaseLost
from jobs_app.models import Job
from jobs_app.services import ledger
from jobs_app.services.publishing import publish_progress

WRITE_INTERVAL_SECONDS = 0.4


class JobContext:
    """The handler's view of its job. Each write names the lease, so a superseded run can change nothing."""

    def __init__(self, job: Job) -> None:
        self.job_id: UUID = job.pk
        self.owner_id: UUID | None = job.owner_id
        self.parent_id: UUID | None = job.parent_id
        self.input: dict[str, Any] = job.input
        self.attempt: int = job.attempts
        self.max_attempts: int = job.max_attempts
        self.lease_token: UUID = job.lease_token  # type: ignore[assignment]
        self._stage = job.stage
        self._progress = job.progress
        self._counted = (0.0, 0.0)
        self._written_at = time.monotonic()

    def progress(self, stage: str, done: float, total: float, *, span: tuple[float, float] = (0.0, 100.0)) -> None:
        """Report ``done`` of ``total`` units of ``stage``, which takes the given span of the whole in per cent.

        Also a checkpoint. Rows are written at most every 0.4 s, and at each new stage.
        """
        share = min(max(done / total, 0.0), 1.0) if total else 0.0
        self._progress = max(self._progress, span[0] + (span[1] - span[0]) * share)
        self._counted = (done, total)
        changed_stage = stage != self._stage
        self._stage = stage
        if changed_stage or time.monotonic() - self._written_at >= WRITE_INTERVAL_SECONDS:
            self.checkpoint()

    def checkpoint(self) -> None:
        """Renew the lease; raises JobCancelled when somebody cancelled, LeaseLost when another run owns the job."""
        self._written_at = time.monotonic()
        state = ledger.lease_renew(
            job_id=self.job_id, lease_token=self.lease_token, progress=self._progress, stage=self._stage
        )
        if state is ledger.LeaseState.LOST:
            raise LeaseLost
        if state is ledger.LeaseState.CANCELLED:
            raise JobCancelled
        done, total = self._counted
        publish_progress(
            self.job_id, status="running", progress=self._progress, stage=self._stage, done=done, total=total
        )
        if self.parent_id is not None:
            ledger.group_progress(parent_id=self.parent_id)

    def release_dedupe_key(self) -> None:
        """Let a new job of the same key be created from now on: this run has begun and will not see newer input."""
        ledger.dedupe_release(job_id=self.job_id, lease_token=self.lease_token)

    @contextmanager
    def commit(self) -> Iterator[None]:
        """Run an effect in one transaction that holds only if this run still owns the job.

        The job row is locked first, so a cancel, a sweep or a second run waits for the effect or prevents it.
        """
        with transaction.atomic():
            state = ledger.lease_lock(job_id=self.job_id, lease_token=self.lease_token)
            if state is ledger.LeaseState.LOST:
                raise LeaseLost
            if state is ledger.LeaseState.CANCELLED:
                raise JobCancelled
            yield
