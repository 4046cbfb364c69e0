"""The search index in memory: the same domain functions as the service, without a database.

For choosing constants by cross-validation; figures that count come from the service itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

import numpy as np

from documents_app.domain.chunking import chunk
from documents_app.domain.material import DocumentText, PageSpan
from documents_app.domain.normalise import search_form
from documents_app.domain.passage_ids import PassageIds, positions
from documents_app.domain.search.bm25 import Collection, TermMatrix
from documents_app.domain.search.dense import DenseHits, word_weights
from documents_app.domain.search.hits import PostingRows, lexical_hits
from documents_app.domain.search.lexical import LexicalAnalyzer
from documents_app.domain.search.packing import chunk_terms, pack_chunk, pack_postings, unpack_chunks
from documents_app.domain.search.ranking import Ranking, Tuning, dense_ranking, hybrid_ranking, lexical_ranking
from documents_app.retrieval.text import analyzer, indexed_text
from tutor_project.llm.embeddings import get_embedder


class MemoryIndex:
    """Documents cut, analysed and embedded as the ingestion does it. Document ``number`` has UUID ``number``."""

    def __init__(self, documents: Mapping[int, str]) -> None:
        self.words: LexicalAnalyzer = analyzer()
        self.embedder = get_embedder()
        self.postings: dict[int, list[tuple[bytes, bytes]]] = defaultdict(list)
        self.stems: list[bytes] = []
        owners: list[bytes] = []
        ordinals: list[int] = []
        texts: list[str] = []
        tokens = 0
        for number, text in documents.items():
            name = UUID(int=number).bytes
            parts = chunk(DocumentText(text, (PageSpan(1, 0, len(text)),)))
            own = [indexed_text(part.text, part.heading_path) for part in parts]
            terms = [chunk_terms(self.words.terms(form)) for form in own]
            for term, data in pack_postings(terms, [part.ordinal for part in parts]):
                self.postings[term].append((name, data))
            self.stems += map(pack_chunk, terms)
            tokens += sum(one.length for one in terms)
            owners += [name] * len(parts)
            ordinals += [part.ordinal for part in parts]
            texts += own
        self.passages = PassageIds.of(b"".join(owners), np.array(ordinals, dtype=np.int64))
        self.vectors = self.embedder.embed_documents(texts)
        self.collection = Collection(len(texts), tokens / max(len(texts), 1))

    def rank(self, query: str, *, depth: int, mode: str, tuning: Tuning) -> Ranking:
        """Rank chunks as the service does."""
        text = search_form(query)
        terms = self.words.query(text)
        lexical = lexical_hits(self._rows(terms.ids.tolist()), terms, self.collection)
        if mode == "lexical":
            return lexical_ranking(lexical, depth)
        weigh = word_weights(terms, lexical.frequencies, self.collection.chunks)
        vector = self.embedder.embed_weighted_query(text, weigh)  # type: ignore[attr-defined]
        dense = DenseHits(self.passages, (self.vectors @ vector).astype(np.float64))
        floor = self.embedder.similarity_floor
        if mode == "dense":
            return dense_ranking(dense, floor, depth)
        matching = lexical.best(max(tuning.candidates, depth))
        return hybrid_ranking(
            lexical, matching, dense, terms, self.collection, self.terms_of, floor=floor, depth=depth, tuning=tuning
        )

    def terms_of(self, candidates: PassageIds) -> TermMatrix:
        """Return the term vectors of the candidates."""
        places = positions(candidates.keys(), self.passages.keys())
        classes, number, terms, frequencies = unpack_chunks(b"".join(self.stems[place] for place in places))
        distinct, term = np.unique(terms, return_inverse=True)
        return TermMatrix(distinct, number, term, frequencies, classes)

    def _rows(self, terms: Sequence[int]) -> PostingRows | None:
        found = [(name, term, data) for term in terms for name, data in self.postings.get(term, ())]
        if not found:
            return None
        names, ids, data = zip(*found, strict=True)
        sizes = np.array([len(one) for one in data], dtype=np.int64)
        return PostingRows(b"".join(names), np.array(ids, dtype=np.int64), sizes, b"".join(data))
