"""The ingestion of one document: extract, chunk, embed, index. Everything becomes visible in one transaction."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.utils import timezone

from documents_app.domain.blocks import BlockKind, block_to_dict
from documents_app.domain.chunking import TextChunk, chunk
from documents_app.domain.errors import NoTextLayer
from documents_app.domain.material import DocumentText
from documents_app.extraction import sandbox
from documents_app.extraction.limits import ExtractionLimits
from documents_app.models import Chunk, Document, DocumentContent
from documents_app.retrieval.indexing import IndexChunk, PreparedDocument, document_index, document_prepare
from documents_app.services.pictures import figures_store
from documents_app.services.storage import file_source
from documents_app.services.studying import study_forget_failure
from tutor_project.common import runtime
from tutor_project.language import detect

if TYPE_CHECKING:
    from jobs_app.context import JobContext

MEBIBYTE = 1024 * 1024
MAX_READERS = 2

# Shares of the whole, in per cent, as measured on text PDFs: extraction and embedding take nearly all the time.
EXTRACT_SPAN = (0.0, 45.0)
EMBED_SPAN = (50.0, 95.0)


def document_ingest(context: JobContext) -> dict[str, Any] | None:
    """Run the ingestion job; raises ExtractionError with the reason when the file cannot be used.

    A document that was deleted in the meantime ends the job quietly.
    """
    document = _begin(context)
    if document is None:
        return {"skipped": "deleted"}
    clock = Clock()
    text = _extract(document, lambda done, total: context.progress("extract", done, total, span=EXTRACT_SPAN))
    text = with_language(text)
    clock.lap("extract")
    context.progress("chunk", 0, 1, span=(EXTRACT_SPAN[1], EMBED_SPAN[0]))
    chunks = chunk(text)
    if not chunks:
        raise NoTextLayer
    clock.lap("chunk")
    prepared = document_prepare(
        [IndexChunk(id=0, ordinal=part.ordinal, text=part.text, heading_path=part.heading_path) for part in chunks],
        progress=lambda done, total: context.progress("embed", done, total, span=EMBED_SPAN),
        language=text.language,
    )
    clock.lap("embed")
    with context.commit():
        if not document_publish(document, text, chunks, prepared, clock):
            return {"skipped": "deleted"}
    return {
        "document_id": str(document.pk),
        "filename": document.filename,
        "pages": len(text.pages),
        "chunks": len(chunks),
        "processing_time_ms": clock.total_ms(),
    }


class Clock:
    """Times of the stages, in milliseconds."""

    def __init__(self) -> None:
        self.started = self.last = time.perf_counter()
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """Keep the time since the last lap as that of the stage ``name``."""
        now = time.perf_counter()
        self.laps[f"{name}_ms"] = round((now - self.last) * 1000, 1)
        self.last = now

    def total_ms(self) -> float:
        """Return the time since the clock was started."""
        return round((time.perf_counter() - self.started) * 1000, 1)


def _begin(context: JobContext) -> Document | None:
    with context.commit():
        document = (
            Document.objects.select_for_update(of=("self",))
            .select_related("file")
            .filter(pk=context.input["document_id"])
            .first()
        )
        if document is None or document.file is None:
            return None
        document.status = document.embedding_status = Document.Status.PROCESSING
        document.stage, document.progress = "extract", 0.0
        document.save(update_fields=["status", "embedding_status", "stage", "progress"])
    return document


def _extract(document: Document, on_progress: Callable[[int, int], None]) -> DocumentText:
    assert document.file is not None
    limits = ExtractionLimits(
        max_bytes=runtime.get_int("UPLOAD_MAX_BYTES"),
        max_pages=runtime.get_int("UPLOAD_MAX_PAGES"),
        wall_seconds=float(runtime.get_int("EXTRACTION_TIMEOUT_SECONDS")),
        memory_bytes=runtime.get_int("EXTRACTION_MEMORY_MB") * MEBIBYTE,
        readers=min(MAX_READERS, os.cpu_count() or 1),
    )
    return sandbox.extract(file_source(path=document.file.path), document.filename, limits, on_progress=on_progress)


def with_language(text: DocumentText) -> DocumentText:
    """Return a document with the language of its prose; what the file states counts where the words do not tell."""
    prose = text.of_kind(BlockKind.PARAGRAPH, BlockKind.QUOTE, BlockKind.LIST_ITEM, BlockKind.HEADING)
    found = detect("\n".join(text.text[block.char_start : block.char_end] for block in prose))
    return replace(text, language=found or text.language)


def document_publish(
    document: Document, text: DocumentText, chunks: Sequence[TextChunk], prepared: PreparedDocument, clock: Clock
) -> bool:
    """Write content, chunks and indexes; returns False when the document was deleted meanwhile."""
    if not Document.objects.select_for_update().filter(pk=document.pk).exists():
        return False
    stored = _stored_form(text)
    _content_store(document.pk, stored)
    figures_store(document_id=document.pk, figures=text.figures)
    Chunk.objects.filter(document_id=document.pk).delete()
    ids = _copy_chunks(document.pk, chunks)
    document_index(
        document_id=document.pk,
        owner_id=document.owner_id,
        session_id=document.session_id,
        chunks=[
            IndexChunk(pk, part.ordinal, part.text, part.heading_path) for pk, part in zip(ids, chunks, strict=True)
        ],
        prepared=prepared,
    )
    clock.lap("store")
    Document.objects.filter(pk=document.pk).update(
        status=Document.Status.COMPLETED,
        embedding_status=Document.Status.COMPLETED,
        stage="done",
        progress=100.0,
        page_count=len(text.pages),
        language=text.language,
        warnings=[asdict(warning) for warning in text.warnings],
        error_code=None,
        error_detail=None,
        processed_at=timezone.now(),
        timings={**clock.laps, "total_ms": clock.total_ms()},
    )
    study_forget_failure(document_id=document.pk)
    return True


def _content_store(document_id: UUID, stored: dict[str, Any]) -> None:
    """Store the content; what was read differently before makes a new version, the same again changes nothing."""
    known = DocumentContent.objects.filter(pk=document_id)
    if known.exists():
        known.exclude(text=stored["text"], blocks=stored["blocks"]).update(**stored, version=F("version") + 1)
    else:  # as for most documents: its text goes to the database once
        DocumentContent.objects.bulk_create([DocumentContent(document_id=document_id, **stored)], ignore_conflicts=True)


def _stored_form(text: DocumentText) -> dict[str, Any]:
    return {
        "text": text.text,
        "pages": [asdict(page) for page in text.pages],
        "blocks": [block_to_dict(block) for block in text.blocks],
        "metadata": dict(text.metadata),
    }


def _copy_chunks(document_id: UUID, chunks: Sequence[TextChunk]) -> list[int]:
    """Insert the chunks by COPY under ids reserved from the sequence; returns the ids in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('documents_app_chunk', 'id')) FROM generate_series(1, %s)",
            [len(chunks)],
        )
        ids = [row[0] for row in cursor.fetchall()]
        copy_sql = (
            "COPY documents_app_chunk (id, document_id, ordinal, char_start, char_end, page_start, page_end,"
            " heading_path, token_count, text) FROM STDIN"
        )
        with cursor.copy(copy_sql) as copy:
            for pk, part in zip(ids, chunks, strict=True):
                row = (
                    pk, document_id, part.ordinal, part.char_start, part.char_end, part.page_start, part.page_end,
                    list(part.heading_path), part.token_count, part.text,
                )  # fmt: skip
                copy.write_row(row)
    return ids


def document_fail(*, document_id: str, job_id: UUID, code: str, message: str) -> None:
    """Name the reason on a document whose job ended without success; a newer job's document is left alone."""
    Document.objects.filter(pk=document_id, job_id=job_id).exclude(status=Document.Status.COMPLETED).update(
        status=Document.Status.FAILED,
        embedding_status=Document.Status.FAILED,
        stage="",
        error_code=code,
        error_detail=message,
        processed_at=timezone.now(),
    )
