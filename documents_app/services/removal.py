"""Removing documents: rows, vectors, postings, stored bytes and everything derived from them, provably."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import structlog
from django.db import transaction

from documents_app.models import Document, SessionAnalysis
from documents_app.retrieval.indexing import document_unindex
from documents_app.selectors import documents as selectors
from documents_app.services.pictures import pictures_discard
from documents_app.services.storage import file_release
from jobs_app.services.control import job_cancel_quietly, job_results_forget
from tutor_project.common import cache
from tutor_project.common.api.idempotency import idempotency_forget

log = structlog.get_logger(__name__)

DerivedRemover = Callable[[UUID, UUID], None]
_derived_removers: list[DerivedRemover] = []


def register_derived(remover: DerivedRemover) -> None:
    """Register ``remover(session_id, document_id)`` of an app above, called in the transaction of a deletion."""
    _derived_removers.append(remover)


@transaction.atomic
def document_delete(*, document_id: UUID) -> None:
    """Delete a document and what was derived from it; its job, if one runs, ends at the next checkpoint."""
    # The job is locked before the document, in the order of a running ingestion, so that neither waits for ever.
    job_id = Document.objects.filter(pk=document_id).values_list("job_id", flat=True).first()
    if job_id is not None:
        job_cancel_quietly(job_id=job_id)
    document = Document.objects.select_for_update().filter(pk=document_id).first()
    if document is None:
        return
    for remover in _derived_removers:
        remover(document.session_id, document_id)
    SessionAnalysis.objects.filter(session_id=document.session_id).delete()
    job_results_forget(job_type="session_analysis", owner_id=document.owner_id, session_id=document.session_id)
    idempotency_forget(user_id=document.owner_id)
    document_unindex(document_id=document_id)
    sha256 = document.file_id
    document.delete()
    if sha256 is not None:
        file_release(sha256=sha256)
    pictures_discard(document_id=document_id)
    transaction.on_commit(lambda: _forget(document.session_id))
    log.info("document_deleted", document_id=str(document_id))


def documents_delete_for_session(*, session_id: UUID) -> int:
    """Delete all documents of a session; returns their number."""
    ids = list(Document.objects.filter(session_id=session_id).order_by("file_id").values_list("pk", flat=True))
    with transaction.atomic():
        for document_id in ids:
            document_delete(document_id=document_id)
        SessionAnalysis.objects.filter(session_id=session_id).delete()
    return len(ids)


def _forget(session_id: UUID) -> None:
    selectors.forget_documents()
    cache.clear(f"session:{session_id}:*")
