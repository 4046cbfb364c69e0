"""The nearest-neighbour index, which only large libraries need.

A row in the HNSW index costs a hundred times the insert of the row itself, and exact search is faster for all but
large scopes. So rows come in outside the index, and those of owners with many chunks are taken into it afterwards.
"""

from __future__ import annotations

from django.db import connection, transaction

from documents_app.retrieval.dense_search import EXACT_LIMIT
from documents_app.retrieval.spaces import TABLE, partition, spaces_in_use

BATCH_ROWS = 2000

_LARGE_OWNERS = "SELECT owner_id FROM documents_app_documentindex GROUP BY owner_id HAVING sum(chunk_count) > %s"


def vector_index_extend(*, space_id: int | None = None, limit: int = BATCH_ROWS) -> int:
    """Take up to ``limit`` vectors of large libraries into the index of each space in use; returns how many.

    0 means that nothing waits. Searches find waiting rows all the same, by comparing with each.
    """
    ids = [space_id] if space_id is not None else [space.id for space in spaces_in_use()]
    taken = 0
    with connection.cursor() as cursor:
        cursor.execute(_LARGE_OWNERS, [EXACT_LIMIT])
        owners = [row[0] for row in cursor.fetchall()]
        if not owners:
            return 0
        for one in ids:
            cursor.execute(
                f"UPDATE {TABLE} SET ann = true WHERE space_id = %s AND (document_id, ordinal) IN ("
                f" SELECT document_id, ordinal FROM {TABLE} WHERE space_id = %s AND NOT ann AND owner_id = ANY(%s)"
                " LIMIT %s FOR UPDATE SKIP LOCKED)",
                [one, one, owners, limit],
            )
            taken += cursor.rowcount
    return taken


@transaction.atomic
def vector_index_build(*, space_id: int) -> int:
    """Take all vectors of large libraries in at once and build the index anew; returns how many.

    Several times faster than row by row, but writers of vectors wait meanwhile: for an installation that is being
    filled, not for one in use.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('statement_timeout', '0', true), set_config('maintenance_work_mem', '256MB', true)"
        )
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [f"{partition(space_id)}_ann"])
        (definition,) = cursor.fetchone()
        cursor.execute(f"DROP INDEX {partition(space_id)}_ann")
        taken = vector_index_extend(space_id=space_id, limit=2**31 - 1)
        cursor.execute(definition)
    return taken
