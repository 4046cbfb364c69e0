"""Reading the lexical index: postings of a query, document frequencies, and the stems of candidates."""

from __future__ import annotations

import numpy as np

from documents_app.domain.bm25 import TermMatrix
from documents_app.domain.lexical import QueryTerms
from documents_app.domain.lexical_hits import LexicalHits, PostingRows, lexical_hits
from documents_app.domain.lexical_packing import unpack_chunks
from documents_app.domain.passages_ids import PassageIds, positions
from documents_app.retrieval.scope import ScopeStatistics
from documents_app.retrieval.sql import binary_row, integer_array, uuid_array

_POSTINGS = """
SELECT string_agg(uuid_send(document_id), ''), string_agg(int8send(term), ''),
       string_agg(int4send(octet_length(data)), ''), string_agg(data, '')
FROM documents_app_lexicalposting WHERE session_id = ANY(%s::uuid[]) AND term = ANY(%s::bigint[])
"""
_STEMS = """
SELECT string_agg(uuid_send(v.document_id) || int4send(v.ordinal), ''), string_agg(v.data, '')
FROM unnest(%s::uuid[], %s::int[]) AS wanted(document_id, ordinal)
CROSS JOIN LATERAL (SELECT * FROM documents_app_lexicalvector AS one
    WHERE one.document_id = wanted.document_id AND one.ordinal = wanted.ordinal LIMIT 1) AS v
"""


def lexical_search(statistics: ScopeStatistics, query: QueryTerms) -> LexicalHits:
    """Score every chunk of the scope that holds a term of ``query``."""
    rows = None
    if len(query.ids):
        documents, terms, sizes, data = binary_row(_POSTINGS, [list(statistics.sessions), integer_array(query.ids)])
        if documents is not None:
            rows = PostingRows(
                documents=documents,
                terms=np.frombuffer(terms, ">i8").astype(np.int64),
                sizes=np.frombuffer(sizes, ">i4").astype(np.int64),
                data=data,
            )
    return lexical_hits(rows, query, statistics.collection)


def candidate_terms(candidates: PassageIds) -> TermMatrix:
    """Read the stems of ``candidates``; one that is gone in the meantime has none."""
    found, data = binary_row(_STEMS, [uuid_array(candidates.documents), integer_array(candidates.ordinals)])
    rows = np.frombuffer(found or b"", np.dtype([("document", "u1", (16,)), ("ordinal", ">i4")]))
    ids = PassageIds(np.ascontiguousarray(rows["document"]), rows["ordinal"].astype(np.int64))
    place = positions(ids.keys(), candidates.keys())
    classes, number, terms, frequencies = unpack_chunks(data or b"")
    distinct, term = np.unique(terms, return_inverse=True)
    length_classes = np.zeros(len(candidates), dtype=np.int64)
    length_classes[place] = classes
    return TermMatrix(distinct, place[number], term, frequencies, length_classes)
