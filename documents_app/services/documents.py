"""Other writes on documents: try again, and pick up what waits."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from documents_app.models import Document
from documents_app.services.reading import reading_retry
from jobs_app.selectors.jobs import jobs_active
from jobs_app.services.creation import job_create
from tutor_project.common.errors import Conflict

QUEUE_GRACE = timedelta(seconds=30)


class DocumentNotRetryable(Conflict):
    """409: there is nothing to try again."""

    code = "document_not_retryable"
    detail = "The document cannot be tried again: {reason}"


@transaction.atomic
def document_retry(*, document: Document) -> UUID:
    """Process a failed document again as a batch of one, or read one again whose reading failed; returns the job's id."""
    document = Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
    if document.status != Document.Status.FAILED:
        if (reading := reading_retry(document=document)) is not None:
            return reading
        raise DocumentNotRetryable(reason=f"it is {document.status}.")
    if document.file_id is None:
        raise DocumentNotRetryable(reason="its bytes were refused and not kept. Upload it again.")
    return _enqueue(document)


def _enqueue(document: Document) -> UUID:
    batch = job_create(
        job_type="document_batch",
        job_data={"session_id": str(document.session_id), "document_ids": [str(document.pk)]},
        owner_id=document.owner_id,
        trigger="retry",
    )
    child = job_create(
        job_type="document_ingest",
        job_data={"document_id": str(document.pk)},
        owner_id=document.owner_id,
        parent=batch,
        dedupe_key=f"ingest:{document.pk}",
    )
    document.job_id = child.pk
    document.status = document.embedding_status = Document.Status.PENDING
    document.error_code = document.error_detail = None
    document.stage, document.progress = "", 0.0
    document.save()
    return batch.pk


def embedding_queue_process() -> int:
    """Give a job to every document that waits without one; returns how many it found.

    Uploads create their jobs themselves; this finds what an operator's intervention or a lost job left behind.
    """
    waiting = Document.objects.filter(
        embedding_status__in=[Document.Status.PENDING, Document.Status.PROCESSING],
        uploaded_at__lt=timezone.now() - QUEUE_GRACE,
        file__isnull=False,
    ).order_by("uploaded_at")[:500]
    found = 0
    active = jobs_active(job_ids=[document.job_id for document in waiting if document.job_id])
    for document in waiting:
        if document.job_id in active:
            continue
        with transaction.atomic():
            locked = Document.objects.select_for_update(of=("self",), skip_locked=True).filter(
                pk=document.pk, job_id=document.job_id, embedding_status=document.embedding_status
            )
            current = locked.first()
            if current is not None:
                _enqueue(current)
                found += 1
    return found
