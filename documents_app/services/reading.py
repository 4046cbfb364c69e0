"""The reading of a document: its units and the vectors of their meaning, made once after it became searchable.

The same job makes the study of what the document says (``studying.py``), and ``readings_renew`` finds what lacks either.

A document that was not read yet is found and answered from all the same, by its words and the vectors of its chunks.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F, QuerySet

from documents_app.domain.reading.packing import pack_units
from documents_app.domain.reading.units import Unit, meaning_texts, units_of
from documents_app.extraction.notes import READING_FAILED
from documents_app.models import Chunk, Document, DocumentContent, DocumentReading, ReadChunk
from documents_app.retrieval.text import DEFAULT_LANGUAGE
from documents_app.selectors.documents import document_text
from documents_app.services.analysis import analysis_resume
from documents_app.services.studying import current_studies, study_ensure, study_fail, study_forget_failure
from jobs_app.domain.lifecycle import JobStatus
from jobs_app.services.creation import job_create
from tutor_project.common import runtime
from tutor_project.language import language
from tutor_project.llm.encoding import EncodingFailed, encode_in_child
from tutor_project.llm.minilm import DIMENSIONS
from tutor_project.llm.sentence_encoder import encoder_name, encoder_names

if TYPE_CHECKING:
    from jobs_app.context import JobContext

log = structlog.get_logger(__name__)

READING_VERSION = 2
"""Raised whenever the same content would give other units or other vectors; documents of an earlier version are read again.

``STUDY_VERSION`` (``documents_app.domain.study``) is that of what the document says.
"""
_BATCH = 500
UNREAD = "reading_failed"

Progress = Callable[[int, int], None]


def reading_request(*, document: Document) -> UUID | None:
    """Have a document's content read at low priority; asking twice makes one job.

    Returns the new job, or the one that is under way. Returns None where the present content has been read: an ingestion
    that runs again after a lost worker then asks for nothing new.
    """
    if _is_read().filter(pk=document.pk).exists():
        return None
    version = DocumentContent.objects.values_list("version", flat=True).get(pk=document.pk)
    job = job_create(
        job_type="document_read",
        job_data={"document_id": str(document.pk)},
        owner_id=document.owner_id,
        priority="low",
        dedupe_key=f"read:{document.pk}:{version}",
    )
    return job.pk


def _current_readings() -> QuerySet[DocumentReading]:
    """Return the readings of the content as it is now, made by the rules of now and one of the encoders there are."""
    return DocumentReading.objects.filter(
        version=READING_VERSION, encoder__in=encoder_names() or {""}, content_version=F("document__content__version")
    )


def _is_read() -> QuerySet[Document]:
    """Return the documents of which nothing is left to be read."""
    return Document.objects.filter(pk__in=current_studies().values("pk"), reading__in=_current_readings().values("pk"))


def document_read(context: JobContext) -> dict[str, Any]:
    """Read a document as far as that was not done yet; one that was deleted in the meantime ends the job quietly."""
    document_id = UUID(context.input["document_id"])
    study_ensure(document_id=document_id)
    context.progress("read", 1, 10)
    units = reading_ensure(
        document_id=document_id,
        on_progress=lambda done, total: context.progress("read", done, total, span=(10.0, 95.0)),
    )
    _say(document_id, None)
    _analysis_resume(document_id)
    return {"document_id": context.input["document_id"], "units": units}


def reading_fail(*, document_id: UUID, code: str, message: str) -> None:
    """Say on a document why its reading ended without success; it stays searchable, and an analysis leaves it out."""
    if code == JobStatus.CANCELLED:
        return
    study_fail(document_id=document_id, code=code)
    _say(document_id, message)
    _analysis_resume(document_id)


@transaction.atomic
def reading_retry(*, document: Document) -> UUID | None:
    """Have a document read again whose reading failed; returns the job, None where none has failed."""
    if not any(warning["code"] == UNREAD for warning in document.warnings):
        return None
    study_forget_failure(document_id=document.pk)
    _say(document.pk, None)
    return reading_request(document=document)


@transaction.atomic
def _say(document_id: UUID, reason: str | None) -> None:
    """Say on a document why it was not read, or no longer."""
    document = Document.objects.select_for_update().filter(pk=document_id).first()
    if document is None:
        return
    warnings = [warning for warning in document.warnings if warning["code"] != UNREAD]
    if reason is not None:
        warnings.append({"code": UNREAD, "detail": READING_FAILED.format(reason=reason), "page": None})
    if warnings != document.warnings:
        Document.objects.filter(pk=document_id).update(warnings=warnings)


def _analysis_resume(document_id: UUID) -> None:
    """Ask again for an analysis that could not be made, once every document of the session was read or cannot be."""
    session_id = Document.objects.filter(pk=document_id).values_list("session_id", flat=True).first()
    if session_id is not None:
        analysis_resume(session_id=session_id)


def reading_ensure(*, document_id: UUID, on_progress: Progress | None = None) -> int:
    """Read a document unless its reading is up to date in content and rules; returns how many units it has.

    Without the encoder the units are stored without vectors, and the document is read again when there is one.
    """
    content = DocumentContent.objects.select_related("document").filter(document_id=document_id).first()
    if content is None:
        return 0
    known = _current_readings().filter(pk=document_id).first()
    if known is not None:
        return known.unit_count
    text = document_text(content)
    encoder = encoder_name(text.language)
    units = units_of(text, language(text.language or DEFAULT_LANGUAGE))
    vectors = _encoded(text.text, units, encoder, on_progress)
    chunks = (
        Chunk.objects.filter(document_id=document_id)
        .order_by("ordinal")
        .values_list("ordinal", "char_start", "char_end")
    )
    rows = _by_chunk(document_id, list(chunks), units, vectors)
    _store(content, rows, len(units), encoder if vectors else "")
    return len(units)


def _encoded(text: str, units: Sequence[Unit], encoder: str, on_progress: Progress | None) -> list[bytes] | None:
    """Return the vector of each unit, zeros beyond the limit of the setting; None where nothing can be encoded."""
    limit = runtime.get_int("READING_MAX_SENTENCES")
    texts = meaning_texts(text, units[:limit])
    try:
        vectors = encode_in_child(texts, encoder=encoder, on_progress=on_progress)
    except EncodingFailed:
        log.warning("reading_without_vectors", units=len(units))
        return None
    return vectors + [bytes(DIMENSIONS)] * (len(units) - len(vectors))


def _by_chunk(
    document_id: UUID,
    chunks: Sequence[tuple[int, int, int]],
    units: Sequence[Unit],
    vectors: Sequence[bytes] | None,
) -> list[ReadChunk]:
    """Give each unit to the first chunk in which it begins; chunks overlap by a sentence or two."""
    starts = [unit.char_start for unit in units]
    rows, taken = [], 0
    for ordinal, char_start, char_end in chunks:
        first, last = max(bisect_left(starts, char_start), taken), bisect_left(starts, char_end)
        if first < last:
            taken = last
            packed = b"".join(vectors[first:last]) if vectors is not None else b""
            rows.append(
                ReadChunk(document_id=document_id, ordinal=ordinal, units=pack_units(units[first:last]), vectors=packed)
            )
    return rows


@transaction.atomic
def _store(content: DocumentContent, rows: Sequence[ReadChunk], unit_count: int, encoder: str) -> None:
    """Replace the reading, unless the document went or its content became another meanwhile."""
    document_id = content.document_id
    current = DocumentContent.objects.select_for_update().filter(document_id=document_id, version=content.version)
    if not current.exists():
        return
    ReadChunk.objects.filter(document_id=document_id).delete()
    ReadChunk.objects.bulk_create(rows, batch_size=_BATCH)
    DocumentReading.objects.update_or_create(
        document_id=document_id,
        defaults={
            "version": READING_VERSION, "content_version": content.version, "encoder": encoder, "unit_count": unit_count,
        },
    )  # fmt: skip


def readings_renew(*, limit: int = 200) -> int:
    """Have documents read whose reading or study is missing or was made by earlier rules; returns how many, ``limit`` at most.

    One whose reading failed is not tried again before its content is extracted anew.
    """
    documents = Document.objects.filter(status=Document.Status.COMPLETED).exclude(pk__in=_is_read())
    waiting = documents.exclude(warnings__contains=[{"code": UNREAD}]).order_by("pk")[:limit]
    for document in waiting:
        reading_request(document=document)
    return len(waiting)
