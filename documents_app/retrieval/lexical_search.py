"""Reading the lexical index: postings of a query, document frequencies, and the stems of candidates."""

from __future__ import annotations

import numpy as np

from documents_app.domain.passage_ids import PassageIds, positions
from documents_app.domain.search.bm25 import TermMatrix
from documents_app.domain.search.hits import LexicalHits, PostingRows, lexical_hits
from documents_app.domain.search.lexical import QueryTerms
from documents_app.domain.search.packing import unpack_chunks
from documents_app.retrieval.scope import ScopeStatistics
from documents_app.retrieval.sql import binary_row, integer_array, uuid_array

_SENT = """
SELECT string_agg(uuid_send(found.document_id), ''), string_agg(int8send(found.term), ''),
       string_agg(int4send(octet_length(found.data)), ''), string_agg(found.data, '')
"""
_IN_LIBRARY = "FROM documents_app_lexicalposting AS found WHERE owner_id = %s AND term = ANY(%s::bigint[])"
_IN_DOCUMENTS = """
FROM unnest(%s::bigint[]) AS asked(term)
CROSS JOIN LATERAL (SELECT one.* FROM documents_app_lexicalposting AS one
    WHERE one.owner_id = %s AND one.term = asked.term AND one.document_id = ANY(%s::uuid[]) OFFSET 0) AS found
"""
"""Term by term, or the planner prefers to read all postings of the documents."""

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
        asked = integer_array(query.ids.tolist())
        if statistics.documents is None:
            found = binary_row(_SENT + _IN_LIBRARY, [statistics.owner_id, asked])
        else:
            documents = uuid_array(statistics.documents)
            found = binary_row(_SENT + _IN_DOCUMENTS, [asked, statistics.owner_id, documents])
        names, terms, sizes, data = found
        if names is not None:
            rows = PostingRows(
                documents=names,
                terms=np.frombuffer(terms, ">i8").astype(np.int64),
                sizes=np.frombuffer(sizes, ">i4").astype(np.int64),
                data=data,
            )
    return lexical_hits(rows, query, statistics.collection)


def candidate_terms(candidates: PassageIds) -> TermMatrix:
    """Read the stems of ``candidates``; one that is gone in the meantime has none."""
    found, data = binary_row(_STEMS, [uuid_array(candidates.documents), integer_array(candidates.ordinals.tolist())])
    rows = np.frombuffer(found or b"", np.dtype([("document", "u1", (16,)), ("ordinal", ">i4")]))
    ids = PassageIds(np.ascontiguousarray(rows["document"]), rows["ordinal"].astype(np.int64))
    place = positions(ids.keys(), candidates.keys())
    classes, number, terms, frequencies = unpack_chunks(data or b"")
    distinct, term = np.unique(terms, return_inverse=True)
    length_classes = np.zeros(len(candidates), dtype=np.int64)
    length_classes[place] = classes
    return TermMatrix(distinct, place[number], term, frequencies, length_classes)
