"""The write path of search: a document's postings, stems and vectors, in the transaction of its chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.db import connection, transaction

from documents_app.domain.passage_ids import PassageIds
from documents_app.domain.search.lexical import LEXICAL_VERSION
from documents_app.domain.search.packing import ChunkTerms, chunk_terms, pack_chunk, pack_postings
from documents_app.models import Chunk, DocumentEmbedding, DocumentIndex
from documents_app.retrieval import binary
from documents_app.retrieval.spaces import TABLE as VECTOR_TABLE
from documents_app.retrieval.spaces import space_embedder, spaces_in_use
from documents_app.retrieval.text import DEFAULT_LANGUAGE, analyzer, indexed_text
from tutor_project.llm.embeddings import Vectors, stack_vectors

POSTING_TABLE = "documents_app_lexicalposting"
STEMS_TABLE = "documents_app_lexicalvector"
BATCH = 64

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class IndexChunk:
    """A chunk to index; ``id`` is its row, for callers that know it already, and does not matter here."""

    id: int
    ordinal: int
    text: str
    heading_path: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """A document's chunks, analysed and embedded: all the work that needs no database.

    ``vectors``: float32 ``[chunks, dimensions]`` for each space in use when it was prepared.
    """

    language: str
    ordinals: tuple[int, ...]
    terms: tuple[ChunkTerms, ...]
    vectors: Mapping[int, Vectors]


def document_prepare(
    chunks: Sequence[IndexChunk], progress: Progress | None = None, *, language: str | None = None
) -> PreparedDocument:
    """Analyse ``chunks`` in their language (BCP 47, None if unknown) and embed them.

    Calls ``progress(done, total)`` after each batch. Raises EmbeddingUnavailable.
    """
    spaces = spaces_in_use()
    language = language or DEFAULT_LANGUAGE
    words = analyzer(language)
    terms: list[ChunkTerms] = []
    vectors: dict[int, list[Vectors]] = {space.id: [] for space in spaces}
    for start in range(0, len(chunks), BATCH):
        texts = [indexed_text(chunk.text, chunk.heading_path) for chunk in chunks[start : start + BATCH]]
        terms += [chunk_terms(words.terms(text)) for text in texts]
        for space in spaces:
            vectors[space.id].append(space_embedder(space).embed_documents(texts))
        if progress is not None:
            progress(start + len(texts), len(chunks))
    joined = {space.id: stack_vectors(vectors[space.id], space.dimensions) for space in spaces}
    return PreparedDocument(language, tuple(chunk.ordinal for chunk in chunks), tuple(terms), joined)


@transaction.atomic(savepoint=False)
def document_index(
    *,
    document_id: UUID,
    owner_id: UUID,
    session_id: UUID,
    chunks: Sequence[IndexChunk],
    prepared: PreparedDocument | None = None,
) -> None:
    """Make a document searchable; what was indexed of it before is replaced.

    Call it in the transaction that writes the chunks: the document is found from the commit on. No switch of
    embedding spaces can happen in between. Raises EmbeddingUnavailable.
    """
    prepared = prepared if prepared is not None else document_prepare(chunks)
    # Nothing of a document is in any search table without its index row; most come for the first time.
    if DocumentIndex.objects.filter(pk=document_id).exists():
        document_unindex(document_id=document_id)
    _terms_store(document_id, owner_id, prepared.ordinals, prepared.terms)
    DocumentIndex.objects.create(
        document_id=document_id,
        owner_id=owner_id,
        session_id=session_id,
        chunk_count=len(prepared.ordinals),
        token_count=sum(chunk.length for chunk in prepared.terms),
        lexical_version=LEXICAL_VERSION,
        language=prepared.language,
    )
    for space in spaces_in_use(lock=True):
        vectors = prepared.vectors.get(space.id)
        if vectors is None and space.active:  # the switch came between preparing and now
            vectors = document_prepare(chunks, language=prepared.language).vectors[space.id]
        if vectors is not None:
            vectors_store(
                space_id=space.id,
                document_id=document_id,
                owner_id=owner_id,
                session_id=session_id,
                ordinals=prepared.ordinals,
                vectors=vectors,
            )


def _terms_store(document_id: UUID, owner_id: UUID, ordinals: Sequence[int], terms: Sequence[ChunkTerms]) -> None:
    postings = pack_postings(terms, ordinals)
    stems = zip(ordinals, map(pack_chunk, terms), strict=True)
    _copy(POSTING_TABLE, binary.POSTING_COLUMNS, binary.posting_rows(owner_id, document_id, postings))
    _copy(STEMS_TABLE, binary.STEMS_COLUMNS, binary.stem_rows(document_id, stems))


@transaction.atomic
def document_terms_renew(*, document_id: UUID, language: str | None) -> bool:
    """Analyse the words of an indexed document anew, in ``language``; its vectors stay. False when it is gone."""
    index = DocumentIndex.objects.select_for_update().filter(pk=document_id).first()
    if index is None:
        return False
    index.language = language or DEFAULT_LANGUAGE
    words = analyzer(index.language)
    chunks = list(Chunk.objects.filter(document_id=document_id).order_by("ordinal"))
    terms = [chunk_terms(words.terms(indexed_text(chunk.text, chunk.heading_path))) for chunk in chunks]
    with connection.cursor() as cursor:
        for table in (POSTING_TABLE, STEMS_TABLE):
            cursor.execute(f"DELETE FROM {table} WHERE document_id = %s", [document_id])
    _terms_store(document_id, index.owner_id, [chunk.ordinal for chunk in chunks], terms)
    index.token_count, index.lexical_version = sum(chunk.length for chunk in terms), LEXICAL_VERSION
    index.save(update_fields=["language", "token_count", "lexical_version"])
    return True


@transaction.atomic
def document_unindex(*, document_id: UUID) -> None:
    """Remove everything searches know of a document. Does nothing for a document that is not indexed."""
    indexed = DocumentIndex.objects.filter(pk=document_id)
    with connection.cursor() as cursor:
        for table in (POSTING_TABLE, STEMS_TABLE, VECTOR_TABLE):
            cursor.execute(f"DELETE FROM {table} WHERE document_id = %s", [document_id])
    DocumentEmbedding.objects.filter(document_id=document_id).delete()
    indexed.delete()


@transaction.atomic(savepoint=False)
def vectors_store(
    *,
    space_id: int,
    document_id: UUID,
    owner_id: UUID,
    session_id: UUID,
    ordinals: Sequence[int],
    vectors: Vectors,
) -> None:
    """Store the vectors of a whole document in one space: float32 ``[len(ordinals), dimensions]``."""
    numbers = np.asarray(ordinals, dtype=np.int64)
    passages = PassageIds.of(document_id.bytes * len(numbers), numbers)
    if len(numbers):
        rows = binary.vector_rows(space_id, owner_id, session_id, passages, vectors)
        _copy(VECTOR_TABLE, binary.VECTOR_COLUMNS, [rows])
    DocumentEmbedding.objects.create(document_id=document_id, space_id=space_id, chunk_count=len(numbers))


def _copy(table: str, columns: str, rows: Iterable[bytes]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT binary)") as copy:
        copy.write(binary.HEADER + b"".join(rows) + binary.TRAILER)
