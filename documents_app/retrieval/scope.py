"""What a search may look at: one owner's session, the sessions of a folder, some of their documents, or the whole library."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
import numpy.typing as npt

from documents_app.domain.search.bm25 import Collection
from documents_app.models import Document
from documents_app.retrieval.sql import binary_row
from documents_app.selectors.documents import DocumentNotFound

_LIBRARY = """
SELECT coalesce(sum(chunks), 0)::bigint, coalesce(sum(tokens), 0)::bigint, string_agg(language, ' '), NULL
FROM (SELECT language, sum(chunk_count) AS chunks, sum(token_count) AS tokens
    FROM documents_app_documentindex WHERE owner_id = %s GROUP BY language) AS one
"""
_PART = """
SELECT coalesce(sum(chunks), 0)::bigint, coalesce(sum(tokens), 0)::bigint, string_agg(language, ' '),
       string_agg(documents, '')
FROM (SELECT language, sum(chunk_count) AS chunks, sum(token_count) AS tokens,
        string_agg(uuid_send(document_id), '') AS documents
    FROM documents_app_documentindex WHERE owner_id = %s{narrow} GROUP BY language) AS one
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """What of one owner is searched: some sessions and some documents of theirs; None means all of them.

    The owner is part of every query, so that a wrong session id finds nothing.
    """

    owner_id: UUID
    session_ids: tuple[UUID, ...] | None = None
    document_ids: tuple[UUID, ...] | None = None

    @classmethod
    def of_session(cls, owner_id: UUID, session_id: UUID) -> Scope:
        """Return the scope of one session."""
        return cls(owner_id, (session_id,))

    @classmethod
    def of_sessions(cls, owner_id: UUID, session_ids: Sequence[UUID]) -> Scope:
        """Return the scope of some sessions, such as those of a folder; none of them is an empty scope."""
        return cls(owner_id, tuple(session_ids))

    @classmethod
    def of_library(cls, owner_id: UUID) -> Scope:
        """Return the scope of everything an owner has."""
        return cls(owner_id, None)

    def narrowed(self, document_ids: Iterable[UUID]) -> Scope:
        """Return the part of the scope that is in some documents; raises DocumentNotFound where it lacks one of them."""
        wanted = frozenset(document_ids)
        documents = Document.objects.filter(owner_id=self.owner_id, pk__in=wanted)
        if self.session_ids is not None:
            documents = documents.filter(session_id__in=self.session_ids)
        if documents.count() != len(wanted):
            raise DocumentNotFound
        return replace(self, document_ids=tuple(sorted(wanted)))

    @property
    def is_library(self) -> bool:
        """Whether the owner's whole library is searched."""
        return self.session_ids is None and self.document_ids is None

    @property
    def condition(self) -> tuple[str, list[object]]:
        """What keeps an owner's rows to the scope: SQL to append to a condition, and its arguments."""
        parts = (("session_id", self.session_ids), ("document_id", self.document_ids))
        named = [(column, list(ids)) for column, ids in parts if ids is not None]
        return "".join(f" AND {column} = ANY(%s::uuid[])" for column, _ in named), [ids for _, ids in named]


@dataclass(frozen=True, slots=True)
class ScopeStatistics:
    """The searchable content of a scope: its chunks, their terms and languages, and its documents unless it is the library."""

    owner_id: UUID
    chunks: int
    tokens: int
    languages: tuple[str, ...]
    documents: npt.NDArray[np.uint8] | None

    @property
    def collection(self) -> Collection:
        """The statistics that BM25 needs."""
        return Collection(self.chunks, self.tokens / max(self.chunks, 1))


def scope_statistics(scope: Scope) -> ScopeStatistics:
    """Count what is searchable in ``scope``, from the index table alone."""
    if scope.is_library:
        chunks, tokens, tags, _ = binary_row(_LIBRARY, [scope.owner_id])
        return ScopeStatistics(scope.owner_id, chunks, tokens, _languages(tags), None)
    narrow, arguments = scope.condition
    chunks, tokens, tags, found = binary_row(_PART.format(narrow=narrow), [scope.owner_id, *arguments])
    documents = np.frombuffer(found or b"", dtype=np.uint8).reshape(-1, 16)
    return ScopeStatistics(scope.owner_id, chunks, tokens, _languages(tags), documents)


def _languages(tags: str | None) -> tuple[str, ...]:
    return tuple(sorted((tags or "").split()))
