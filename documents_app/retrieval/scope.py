"""What a search may look at: one owner's session, the sessions of a folder, or the whole library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt

from documents_app.domain.search.bm25 import Collection
from documents_app.retrieval.sql import binary_row

_LIBRARY = """
SELECT coalesce(sum(chunks), 0)::bigint, coalesce(sum(tokens), 0)::bigint, string_agg(language, ' '), NULL
FROM (SELECT language, sum(chunk_count) AS chunks, sum(token_count) AS tokens
    FROM documents_app_documentindex WHERE owner_id = %s GROUP BY language) AS one
"""
_SESSIONS = """
SELECT coalesce(sum(chunks), 0)::bigint, coalesce(sum(tokens), 0)::bigint, string_agg(language, ' '),
       string_agg(documents, '')
FROM (SELECT language, sum(chunk_count) AS chunks, sum(token_count) AS tokens,
        string_agg(uuid_send(document_id), '') AS documents
    FROM documents_app_documentindex WHERE owner_id = %s AND session_id = ANY(%s::uuid[]) GROUP BY language) AS one
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """The sessions of one owner that are searched; ``session_ids`` None means the owner's whole library.

    The owner is part of every query, so that a wrong session id finds nothing.
    """

    owner_id: UUID
    session_ids: tuple[UUID, ...] | None = None

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
    if scope.session_ids is None:
        chunks, tokens, tags, _ = binary_row(_LIBRARY, [scope.owner_id])
        return ScopeStatistics(scope.owner_id, chunks, tokens, _languages(tags), None)
    chunks, tokens, tags, found = binary_row(_SESSIONS, [scope.owner_id, list(scope.session_ids)])
    documents = np.frombuffer(found or b"", dtype=np.uint8).reshape(-1, 16)
    return ScopeStatistics(scope.owner_id, chunks, tokens, _languages(tags), documents)


def _languages(tags: str | None) -> tuple[str, ...]:
    return tuple(sorted((tags or "").split()))
