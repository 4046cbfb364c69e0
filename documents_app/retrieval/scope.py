"""What a search may look at: one owner's session, the sessions of a folder, or the whole library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from documents_app.domain.bm25 import Collection
from documents_app.retrieval.sql import binary_rows

_COUNTS = """
SELECT session_id, sum(chunk_count)::bigint, sum(token_count)::bigint
FROM documents_app_documentindex WHERE owner_id = %s
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
    """The searchable content of a scope: sessions that have some, their chunks and terms."""

    sessions: tuple[UUID, ...]
    chunks: int
    tokens: int

    @property
    def collection(self) -> Collection:
        """The statistics that BM25 needs."""
        return Collection(self.chunks, self.tokens / max(self.chunks, 1))


def scope_statistics(scope: Scope) -> ScopeStatistics:
    """Count what is searchable in ``scope``, from the index table alone."""
    narrow = "" if scope.session_ids is None else " AND session_id = ANY(%s::uuid[])"
    arguments: list[Any] = [scope.owner_id]
    if scope.session_ids is not None:
        arguments.append(list(scope.session_ids))
    rows = binary_rows(f"{_COUNTS}{narrow} GROUP BY session_id", arguments)
    return ScopeStatistics(tuple(row[0] for row in rows), sum(row[1] for row in rows), sum(row[2] for row in rows))
