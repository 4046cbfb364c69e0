"""Reading the vectors: exact inside a session or folder, by the HNSW index across a large library."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from documents_app.domain.passage_ids import PassageIds
from documents_app.domain.search.dense import DenseHits
from documents_app.retrieval.scope import Scope
from documents_app.retrieval.spaces import Space, partition, spaces_in_use
from documents_app.retrieval.sql import binary_row, integer_array, uuid_array
from tutor_project.llm.embeddings import Vectors

EXACT_LIMIT = 12_000
"""Up to this many chunks every vector is compared, 4 ms at 256 dimensions, whatever the index could do."""

EF_SEARCH = 150
MAX_SCAN_TUPLES = 40_000
_INDEX_PAYS = 11_500
"""The index looks at ``wanted / share`` of its rows when a scope holds ``share`` of them: with measured costs of both ways
it is faster than comparing from ``chunks² > 11,500 × rows`` on."""

_HIT = np.dtype([("document", "u1", (16,)), ("ordinal", ">i4"), ("similarity", ">f4")])
_SENT = "string_agg(uuid_send(document_id) || int4send(ordinal) || float4send(similarity::real), '')"


class SpaceReplaced(Exception):
    """The space that was asked gave way to another one in the meantime; ask that one."""


def dense_search(
    space: Space, scope: Scope, chunks: int, query: Vectors, *, wanted: int, also: PassageIds
) -> DenseHits:
    """Return the ``wanted`` most similar passages of the scope, which has ``chunks`` of them, and those of ``also``.

    Raises SpaceReplaced, rather than find nothing, when the vectors went with a switch of embedding spaces.
    """
    search = _Search(space, scope, _literal(query), wanted)
    if index_pays(chunks, space):
        parts = [search.indexed(), search.compared("false"), search.named(also)]
    else:
        parts = [search.compared("true, false"), search.named(also)]
    sql = f"SELECT {_SENT} FROM ({' UNION ALL '.join(part for part, _ in parts)}) AS found"
    found: bytes | None = binary_row(sql, [argument for _, arguments in parts for argument in arguments])[0]
    if not found and spaces_in_use()[0].id != space.id:
        raise SpaceReplaced
    return _hits(found or b"")


def index_pays(chunks: int, space: Space) -> bool:
    """Whether the nearest-neighbour index is faster than comparing with each of ``chunks`` vectors."""
    if chunks <= EXACT_LIMIT:
        return False
    (rows,) = binary_row("SELECT reltuples::float8 FROM pg_class WHERE relname = %s", [f"{partition(space.id)}_ann"])
    return bool(chunks**2 > _INDEX_PAYS * max(rows, chunks))


@dataclass(frozen=True, slots=True)
class _Search:
    """The parts of the one statement that asks for similarities, each with its arguments."""

    space: Space
    scope: Scope
    vector: str
    wanted: int

    def compared(self, ann: str) -> tuple[str, list[object]]:
        """Compare with every vector of the scope that is (not) in the index."""
        narrow, arguments = self.scope.condition
        sql = f"""(SELECT document_id, ordinal, -(embedding <#> %s::halfvec) AS similarity
            FROM documents_app_chunkembedding
            WHERE space_id = %s AND owner_id = %s AND ann IN ({ann}){narrow}
            ORDER BY similarity DESC LIMIT {self.wanted})"""
        return sql, [self.vector, self.space.id, self.scope.owner_id, *arguments]

    def named(self, passages: PassageIds) -> tuple[str, list[object]]:
        """Compare with the vectors of ``passages``."""
        sql = """SELECT v.document_id, v.ordinal, -(v.embedding <#> %s::halfvec) AS similarity
            FROM unnest(%s::uuid[], %s::int[]) AS wanted(document_id, ordinal)
            CROSS JOIN LATERAL (SELECT * FROM documents_app_chunkembedding AS one
                WHERE one.document_id = wanted.document_id AND one.ordinal = wanted.ordinal AND one.space_id = %s
                LIMIT 1) AS v"""
        return sql, [
            self.vector,
            uuid_array(passages.documents),
            integer_array(passages.ordinals.tolist()),
            self.space.id,
        ]

    def indexed(self) -> tuple[str, list[object]]:
        """Ask the index, which goes on looking until enough rows of the scope are found (iterative scan).

        The settings hold for this statement (or its transaction); the owner comes out of the subquery that makes them,
        so that they are made first.
        """
        cast = f"halfvec({self.space.dimensions})"
        narrow, own = self.scope.condition
        sql = f"""SELECT near.* FROM (
                SELECT %s::uuid AS owner, set_config('hnsw.ef_search', '{max(EF_SEARCH, self.wanted)}', true),
                    set_config('hnsw.iterative_scan', 'relaxed_order', true),
                    set_config('hnsw.max_scan_tuples', '{MAX_SCAN_TUPLES}', true) OFFSET 0) AS asked
            CROSS JOIN LATERAL (SELECT document_id, ordinal, -(embedding::{cast} <#> %s::{cast}) AS similarity
                FROM documents_app_chunkembedding
                WHERE space_id = %s AND ann AND owner_id = asked.owner{narrow}
                ORDER BY embedding::{cast} <#> %s::{cast} LIMIT {self.wanted}) AS near"""
        arguments = [self.scope.owner_id, self.vector, self.space.id, *own, self.vector]
        return sql, arguments


def _hits(data: bytes) -> DenseHits:
    rows = np.frombuffer(data, dtype=_HIT)
    passages = PassageIds(np.ascontiguousarray(rows["document"]), rows["ordinal"].astype(np.int64))
    once = np.unique(passages.keys(), return_index=True)[1]
    return DenseHits(passages.take(once), rows["similarity"][once].astype(np.float64))


def _literal(vector: npt.NDArray[np.float32]) -> str:
    return "[" + ",".join(map(str, vector.astype(np.float16).tolist())) + "]"
