"""Documents for the retrieval benchmarks, put in by the services the ingestion uses."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django.db import connection, transaction

from documents_app.domain.chunking import chunk
from documents_app.domain.material import DocumentText, PageSpan
from documents_app.models import Chunk, Document, DocumentContent, DocumentIndex
from documents_app.retrieval.indexing import IndexChunk, document_index, document_prepare


class Library:
    """An owner with one session; ``add`` makes a searchable document of a text."""

    def __init__(self, name: str, *, owner: UUID | None = None) -> None:
        self.owner_id: UUID = owner or get_user_model().objects.create_user(username=f"{name} {uuid4()}").pk
        self.session_id = uuid4()

    def add(self, filename: str, text: str) -> UUID:
        """Store, cut, embed and index a text; returns the document's id."""
        parts = chunk(DocumentText(text, (PageSpan(1, 0, len(text)),)))
        pieces = [IndexChunk(0, part.ordinal, part.text, part.heading_path) for part in parts]
        prepared = document_prepare(pieces)
        with transaction.atomic():
            document = Document.objects.create(
                owner_id=self.owner_id,
                session_id=self.session_id,
                filename=filename,
                mime_type="text/plain",
                size=len(text),
            )
            DocumentContent.objects.create(document=document, text=text, pages=[])
            Chunk.objects.bulk_create(
                Chunk(
                    document=document, ordinal=part.ordinal, char_start=part.char_start, char_end=part.char_end,
                    page_start=1, page_end=1, token_count=part.token_count, text=part.text,
                )
                for part in parts
            )  # fmt: skip
            document_index(
                document_id=document.pk,
                owner_id=self.owner_id,
                session_id=self.session_id,
                chunks=pieces,
                prepared=prepared,
            )
        return document.pk

    def session_chunks(self) -> int:
        """The number of searchable chunks of the session."""
        return sum(DocumentIndex.objects.filter(session_id=self.session_id).values_list("chunk_count", flat=True))

    def analyse(self) -> None:
        """Bring the planner's statistics up to date, as autovacuum would."""
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
