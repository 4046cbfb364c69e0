"""How much of a scope the active vectors cover, and how far a new generation is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from documents_app.retrieval.results import SearchCoverage
from documents_app.retrieval.scope import Scope, ScopeStatistics
from documents_app.retrieval.spaces import Space

_COVERED = """
SELECT e.space_id, sum(i.chunk_count)::bigint
FROM documents_app_documentindex i JOIN documents_app_documentembedding e USING (document_id)
WHERE i.owner_id = %s AND e.space_id = ANY(%s)
"""


def scope_coverage(scope: Scope, statistics: ScopeStatistics, spaces: Sequence[Space]) -> SearchCoverage:
    """Return the coverage of ``scope``; ``spaces``: the active space first, then the building one if any.

    A document is stored with its vectors in one transaction, so outside a re-embed everything is covered.
    """
    active = spaces[0]
    if len(spaces) == 1 or not statistics.chunks:
        return SearchCoverage(active.model, 1.0)
    narrow, own = scope.condition
    arguments: list[Any] = [scope.owner_id, [space.id for space in spaces], *own]
    with connection.cursor() as cursor:
        cursor.execute(f"{_COVERED}{narrow} GROUP BY e.space_id", arguments)
        covered = dict(cursor.fetchall())
    return SearchCoverage(
        active.model,
        covered.get(active.id, 0) / statistics.chunks,
        spaces[1].model,
        covered.get(spaces[1].id, 0) / statistics.chunks,
    )
