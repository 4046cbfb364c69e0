"""What the ledger holds of a person, and the two jobs that export and erase it."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from jobs_app.models import Job
from jobs_app.services.creation import job_create
from tutor_project.common import privacy, runtime
from tutor_project.common.errors import NotFound
from tutor_project.common.privacy import ExportedFile
from tutor_project.common.storage import file_storage

if TYPE_CHECKING:
    from jobs_app.context import JobContext

log = structlog.get_logger(__name__)

EXPORT_KIND = "person_export"
ERASURE_KIND = "person_erasure"
ERASURE_CHECK_KIND = "person_erasure_check"
IN_FLIGHT = timedelta(minutes=1)
"""After so long no request that began before the erasure still runs, and every process has written its facts."""
EXPORT_KEPT = timedelta(days=7)


class ExportNotFound(NotFound):
    """404: no such export, not the caller's, not finished, or removed after a week."""

    code = "export_not_found"
    detail = "There is no such export, or it was removed after seven days. Ask for a new one."


def export(user_id: UUID) -> Iterator[ExportedFile]:
    """Yield the person's jobs."""
    yield "jobs.jsonl", Job.objects.filter(owner_id=user_id).order_by("pk").values()


def erase(user_id: UUID) -> dict[str, int]:
    """Remove the person's jobs and exports."""
    exports = 0
    for job in Job.objects.filter(owner_id=user_id, job_type=EXPORT_KIND):
        file_storage.delete(export_path(user_id, job.pk))
        exports += 1
    return {"jobs": Job.objects.filter(owner_id=user_id).delete()[0], "exports": exports}


def export_path(user_id: UUID, job_id: UUID) -> str:
    """Return where an export is kept."""
    return f"exports/{user_id}/{job_id}.zip"


def export_request(*, user_id: UUID) -> UUID:
    """Create the export job; returns its id."""
    return job_create(
        job_type=EXPORT_KIND, job_data={"user_id": str(user_id)}, owner_id=user_id, dedupe_key=f"export:{user_id}"
    ).pk


def erasure_request(*, user_id: UUID) -> UUID:
    """Create the erasure job, which belongs to nobody: it must outlive the account. Returns its id."""
    return job_create(job_type=ERASURE_KIND, job_data={"user_id": str(user_id)}, dedupe_key=f"erase:{user_id}").pk


def export_run(context: JobContext) -> dict[str, Any]:
    """Write the zip; running twice overwrites the same file."""
    user_id = UUID(context.input["user_id"])
    path = export_path(user_id, context.job_id)
    with tempfile.TemporaryFile() as target:
        names = privacy.person_export(user_id=user_id, target=target)
        context.checkpoint()
        size = target.tell()
        target.seek(0)
        file_storage.delete(path)
        file_storage.save(path, File(target))
    return {"files": len(names), "size": size, "download": f"/api/v1/users/me/exports/{context.job_id}"}


def erasure_run(context: JobContext) -> dict[str, Any]:
    """Remove everything of the person in one transaction; the sweeper has it checked a minute later."""
    user_id = UUID(context.input["user_id"])
    with context.commit():
        removed = privacy.person_erase(user_id=user_id)
    log.info("person_erased_everywhere", removed=removed)
    return {"removed": removed, "remains": remains()}


@transaction.atomic
def erasure_checks_create() -> int:
    """Have each erasure checked once when nothing of the person can be under way any more; returns the number of jobs."""
    over = Job.objects.filter(
        job_type=ERASURE_KIND, status=Job.Status.COMPLETED, completed_at__lt=timezone.now() - IN_FLIGHT
    )
    due = list(over.exclude(metadata__has_key="checked_by").select_for_update(skip_locked=True)[:100])
    for erasure in due:
        check = job_create(job_type=ERASURE_CHECK_KIND, job_data={"user_id": erasure.input["user_id"]})
        erasure.metadata = {**erasure.metadata, "checked_by": str(check.pk)}
        erasure.save(update_fields=["metadata"])
    return len(due)


def erasure_check(context: JobContext) -> dict[str, Any]:
    """Remove what requests and jobs that were under way wrote after the erasure; the result says what names the person now."""
    user_id = UUID(context.input["user_id"])
    with context.commit():
        removed = privacy.person_erase(user_id=user_id)
        left = privacy.person_scan(user_id=user_id)
    log.log(logging.ERROR if left else logging.INFO, "person_erasure_checked", left=left)
    return {"removed": removed, "left": left, "remains": remains()}


def remains() -> list[dict[str, Any]]:
    """Return where the id of an erased person is still named, and for how long: part of the proof."""
    return [
        {"where": "the rows of the erasure's own jobs", "days": runtime.get_int("JOB_RETENTION_DAYS")},
        {"where": "the note by which facts still under way are dropped, as a hash", "days": 3},
        {"where": "throttle counters, as a hash", "days": 0.02},
        {"where": "log files and backups", "days": None, "note": "as long as the operator keeps them"},
    ]


def export_open(*, user_id: UUID, job_id: UUID) -> Any:
    """Return a handle on a finished export; raises ExportNotFound."""
    job = Job.objects.filter(pk=job_id, owner_id=user_id, job_type=EXPORT_KIND, status=Job.Status.COMPLETED).first()
    if job is None or not file_storage.exists(export_path(user_id, job_id)):
        raise ExportNotFound
    return file_storage.open(export_path(user_id, job_id))


def exports_expire() -> int:
    """Remove exports older than a week; returns their number."""
    old = Job.objects.filter(
        job_type=EXPORT_KIND, completed_at__lt=timezone.now() - EXPORT_KEPT, owner_id__isnull=False
    )
    removed = 0
    for job in old:
        assert job.owner_id is not None
        path = export_path(job.owner_id, job.pk)
        if file_storage.exists(path):
            file_storage.delete(path)
            removed += 1
    return removed
