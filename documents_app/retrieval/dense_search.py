"""Reading the vectors: exact inside a session or folder, by the HNSW index across a large library."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction

from documents_app.domain.dense import DenseHits
from documents_app.domain.passages_ids import PassageIds
from documents_app.retrieval.scope import Scope
from documents_app.retrieval.spaces import Space, spaces_in_use
from documents_app.retrieval.sql import binary_row, integer_array, uuid_array
from tutor_project.llm.embeddings import Vectors

EXACT_LIMIT = 12_000
"""Up to this many chunks every vector is compared, 4 ms at 256 dimensions; more go through the index."""

NEIGHBOURS = 200
EF_SEARCH = 200
MAX_SCAN_TUPLES = 40_000

_HIT = np.dtype([("document", "u1", (16,)), ("ordinal", ">i4"), ("similarity", ">f4")])
_SENT = "string_agg(uuid_send(document_id) || int4send(ordinal) || float4send(similarity::real), '')"


class SpaceReplaced(Exception):
    """The space that was asked gave way to another one in the meantime; ask that one."""


def dense_search(space: Space, scope: Scope, chunks: int, query: Vectors, also: PassageIds) -> DenseHits:
    """Return the most similar passages of the scope, which has ``chunks`` of them, and those of ``also``.

    Raises SpaceReplaced, rather than find nothing, when the vectors went with a switch of embedding spaces.
    """
    vector = _literal(query)
    if chunks <= EXACT_LIMIT:
        found = _exact(space, scope, vector, also, "true, false")
    else:
        found = _exact(space, scope, vector, also, "false") + _nearest(space, scope, vector)
    if not found and spaces_in_use()[0].id != space.id:
        raise SpaceReplaced
    return _hits(found)


def _exact(space: Space, scope: Scope, vector: str, also: PassageIds, ann: str) -> bytes:
    """Compare with every vector of the scope that is (not) in the index, and with those of ``also``."""
    sql = f"""SELECT {_SENT} FROM (
        (SELECT document_id, ordinal, -(embedding <#> %s::halfvec) AS similarity
         FROM documents_app_chunkembedding
         WHERE space_id = %s AND owner_id = %s AND ann IN ({ann}){_sessions(scope)}
         ORDER BY similarity DESC LIMIT {NEIGHBOURS})
        UNION ALL
        SELECT v.document_id, v.ordinal, -(v.embedding <#> %s::halfvec)
        FROM unnest(%s::uuid[], %s::int[]) AS wanted(document_id, ordinal)
        CROSS JOIN LATERAL (SELECT * FROM documents_app_chunkembedding AS one WHERE one.document_id = wanted.document_id
            AND one.ordinal = wanted.ordinal AND one.space_id = %s LIMIT 1) AS v) AS found"""
    near = [vector, space.id, scope.owner_id, *_session_arguments(scope)]
    wanted = [vector, uuid_array(also.documents), integer_array(also.ordinals), space.id]
    found: bytes | None = binary_row(sql, [*near, *wanted])[0]
    return found or b""


def _nearest(space: Space, scope: Scope, vector: str) -> bytes:
    """Ask the index; it goes on looking until enough rows of the scope are found (iterative scan)."""
    cast = f"halfvec({space.dimensions})"
    sql = f"""SELECT {_SENT} FROM (
        SELECT document_id, ordinal, -(embedding::{cast} <#> %s::{cast}) AS similarity
        FROM documents_app_chunkembedding
        WHERE space_id = %s AND ann AND owner_id = %s{_sessions(scope)}
        ORDER BY embedding::{cast} <#> %s::{cast} LIMIT {NEIGHBOURS}) AS found"""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('hnsw.ef_search', %s, true), set_config('hnsw.iterative_scan', 'relaxed_order', true),"
            " set_config('hnsw.max_scan_tuples', %s, true), set_config('enable_sort', 'off', true), set_config('jit', 'off', true)",
            [str(EF_SEARCH), str(MAX_SCAN_TUPLES)],
        )
        arguments = [vector, space.id, scope.owner_id, *_session_arguments(scope), vector]
        found: bytes | None = binary_row(sql, arguments)[0]
    return found or b""


def _hits(data: bytes) -> DenseHits:
    rows = np.frombuffer(data, dtype=_HIT)
    passages = PassageIds(np.ascontiguousarray(rows["document"]), rows["ordinal"].astype(np.int64))
    once = np.unique(passages.keys(), return_index=True)[1]
    return DenseHits(passages.take(once), rows["similarity"][once].astype(np.float64))


def _sessions(scope: Scope) -> str:
    return "" if scope.session_ids is None else " AND session_id = ANY(%s::uuid[])"


def _session_arguments(scope: Scope) -> list[object]:
    return [] if scope.session_ids is None else [list(scope.session_ids)]


def _literal(vector: npt.NDArray[np.float32]) -> str:
    return "[" + ",".join(map(str, vector.astype(np.float16).tolist())) + "]"
