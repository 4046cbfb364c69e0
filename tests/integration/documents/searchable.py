"""Searchable documents for the tests of retrieval, and an embedder of other dimensions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from django.db import connection, transaction

from documents_app.domain.chunking import chunk
from documents_app.domain.material import DocumentText, PageSpan
from documents_app.models import Chunk, Document, DocumentContent
from documents_app.retrieval.indexing import IndexChunk, document_index, document_prepare
from tutor_project.llm import embeddings

SEARCH_TABLES = (
    "documents_app_lexicalposting",
    "documents_app_lexicalvector",
    "documents_app_chunkembedding",
    "documents_app_documentindex",
    "documents_app_documentembedding",
)


def document(owner: Any, session_id: UUID, text: str, *, name: str = "notes.txt", target_tokens: int = 250) -> Document:
    """Store, cut and index ``text``; pages are split at form feeds."""
    pages, start = [], 0
    for number, page in enumerate(text.split("\f"), 1):
        pages.append(PageSpan(number, start, start + len(page)))
        start += len(page) + 1
    parts = chunk(DocumentText(text, tuple(pages)), target_tokens=target_tokens)
    pieces = [IndexChunk(0, part.ordinal, part.text, part.heading_path) for part in parts]
    prepared = document_prepare(pieces)
    with transaction.atomic():
        row = Document.objects.create(
            owner=owner, session_id=session_id, filename=name, mime_type="text/plain", size=len(text)
        )
        DocumentContent.objects.create(document=row, text=text, pages=[])
        Chunk.objects.bulk_create(
            Chunk(
                document=row, ordinal=part.ordinal, char_start=part.char_start, char_end=part.char_end,
                page_start=part.page_start, page_end=part.page_end, token_count=part.token_count, text=part.text,
            )
            for part in parts
        )  # fmt: skip
        document_index(document_id=row.pk, owner_id=owner.pk, session_id=session_id, chunks=pieces, prepared=prepared)
    return row


def rows_of(document_id: UUID) -> dict[str, int]:
    """Return how many rows each search table holds of a document."""
    counts = {}
    with connection.cursor() as cursor:
        for table in SEARCH_TABLES:
            cursor.execute(f"SELECT count(*) FROM {table} WHERE document_id = %s", [document_id])
            counts[table] = cursor.fetchone()[0]
    return counts


class HashedWords:
    """A bag-of-words embedder of ``dimensions``; ``before`` is called with each batch, and may raise."""

    similarity_floor = 0.2

    def __init__(
        self, name: str, dimensions: int, before: Callable[[Sequence[str]], None] = lambda texts: None
    ) -> None:
        self.name, self.dimensions, self.before = name, dimensions, before

    def embed_documents(self, texts: Sequence[str]) -> np.ndarray:
        self.before(texts)
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                place = int.from_bytes(blake2b(word.strip(".,").encode(), digest_size=4).digest(), "big")
                vectors[row, place % self.dimensions] += 1.0
        return embeddings.unit_rows(vectors)

    def embed_query(self, text: str) -> np.ndarray:
        return self.embed_documents([text])[0]


@pytest.fixture
def other_model(monkeypatch: pytest.MonkeyPatch) -> Callable[..., HashedWords]:
    """Return a maker of embedders that ``get_embedder`` finds under their name."""

    def make(name: str = "standin:wide", dimensions: int = 768, **options: Any) -> HashedWords:
        embedder = HashedWords(name, dimensions, **options)
        monkeypatch.setitem(embeddings._instances, name, embedder)
        return embedder

    return make
