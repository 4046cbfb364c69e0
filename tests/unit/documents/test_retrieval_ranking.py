"""Scores, fusion, feedback, and what may be a hit at all."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents_app.domain.passage_ids import PassageIds, positions
from documents_app.domain.search import fusion
from documents_app.domain.search.bm25 import K1, B, Collection, TermMatrix, inverse_document_frequency
from documents_app.domain.search.dense import DenseHits, word_weights
from documents_app.domain.search.hits import LexicalHits, PostingRows, lexical_hits
from documents_app.domain.search.lexical import LexicalAnalyzer, QueryTerms
from documents_app.domain.search.packing import (
    LEAD_TERMS,
    chunk_terms,
    class_length,
    length_class,
    pack_chunk,
    pack_postings,
    unpack_chunks,
)
from documents_app.domain.search.ranking import Ranking, dense_ranking, hybrid_ranking, lexical_ranking
from tutor_project.language import language

WORDS = LexicalAnalyzer(language("en"))


class Library:
    """Documents as lists of chunk texts, indexed in memory; document ``n`` has UUID ``n``."""

    def __init__(self, *documents: Sequence[str]) -> None:
        self.texts = [
            (number, ordinal, text) for number, texts in enumerate(documents, 1) for ordinal, text in enumerate(texts)
        ]
        terms = [chunk_terms(WORDS.terms(text)) for _, _, text in self.texts]
        self.stems = [pack_chunk(one) for one in terms]
        self.passages = PassageIds.of(
            b"".join(UUID(int=number).bytes for number, _, _ in self.texts),
            np.array([ordinal for _, ordinal, _ in self.texts], dtype=np.int64),
        )
        self.collection = Collection(len(terms), sum(one.length for one in terms) / max(len(terms), 1))
        self.rows: list[tuple[bytes, int, bytes]] = []
        for number, texts in enumerate(documents, 1):
            own = [chunk_terms(WORDS.terms(text)) for text in texts]
            self.rows += [(UUID(int=number).bytes, term, data) for term, data in pack_postings(own, range(len(own)))]

    def lexical(self, query: QueryTerms) -> LexicalHits:
        wanted = set(query.ids.tolist())
        rows = [row for row in self.rows if row[1] in wanted]
        if not rows:
            return lexical_hits(None, query, self.collection)
        names, terms, data = zip(*rows, strict=True)
        sizes = np.array([len(one) for one in data], dtype=np.int64)
        packed = PostingRows(b"".join(names), np.array(terms, dtype=np.int64), sizes, b"".join(data))
        return lexical_hits(packed, query, self.collection)

    def terms_of(self, candidates: PassageIds) -> TermMatrix:
        places = positions(candidates.keys(), self.passages.keys())
        classes, number, terms, frequencies = unpack_chunks(b"".join(self.stems[place] for place in places))
        distinct, term = np.unique(terms, return_inverse=True)
        return TermMatrix(distinct, number, term, frequencies, classes)

    def hybrid(self, text: str, similarities: Sequence[float], *, floor: float = 0.5, depth: int = 20) -> list[str]:
        query = WORDS.query(text)
        dense, lexical = DenseHits(self.passages, np.array(similarities, dtype=np.float64)), self.lexical(query)
        return self.shown(
            hybrid_ranking(
                lexical, lexical.best(60), dense, query, self.collection, self.terms_of, floor=floor, depth=depth
            )
        )

    def shown(self, ranking: Ranking) -> list[str]:
        return [self.texts[place][2] for place in positions(ranking.passages.keys(), self.passages.keys())]


def reference_bm25(chunk: Sequence[int], query: Sequence[int], chunks: Sequence[Sequence[int]]) -> float:
    """BM25 from its definition, with the lead and the stored length of this index."""
    mean = sum(map(len, chunks)) / len(chunks)
    length = float(class_length(length_class([len(chunk)]))[0])
    tf = Counter([*chunk, *chunk[:LEAD_TERMS]])
    total = 0.0
    for term, count in Counter(query).items():
        df = sum(term in other for other in chunks)
        idf = math.log(1 + (len(chunks) - df + 0.5) / (df + 0.5))
        total += count * idf * tf[term] * (K1 + 1) / (tf[term] + K1 * (1 - B + B * length / max(mean, 1.0)))
    return total


alphabet = st.sampled_from([f"w{number}" for number in range(12)])
texts = st.lists(
    st.lists(st.lists(alphabet, min_size=1, max_size=30).map(" ".join), min_size=1, max_size=4), min_size=1, max_size=4
)


@given(texts, st.lists(alphabet, min_size=1, max_size=5).map(" ".join))
def test_every_chunk_gets_the_score_that_the_formula_gives(documents: list[list[str]], text: str) -> None:
    library = Library(*documents)
    query = WORDS.query(text)
    chunks = [WORDS.terms(own).tolist() for _, _, own in library.texts]
    asked = WORDS.terms(text).tolist()
    expected = [reference_bm25(chunk, asked, chunks) for chunk in chunks]
    hits = library.lexical(query)
    np.testing.assert_allclose(hits.scores_of(library.passages), expected, rtol=1e-9)
    ranked = hits.scores_of(hits.best(100))
    assert sorted(ranked.tolist(), reverse=True) == ranked.tolist()
    assert len(ranked) == sum(score > 0 for score in expected)


def test_idf_is_never_negative() -> None:
    assert (inverse_document_frequency(np.arange(0, 12), 10) >= 0).all()


def test_a_passage_that_is_not_indexed_scores_nothing() -> None:
    library = Library(["cell wall"], ["cell"])
    hits = library.lexical(WORDS.query("cell"))
    beyond = PassageIds.of(UUID(int=1).bytes + UUID(int=9).bytes, np.array([5, 0], dtype=np.int64))
    assert hits.scores_of(beyond).tolist() == [0.0, 0.0]


def test_scores_without_spread_count_for_nothing_in_the_fusion() -> None:
    lexical = np.array([3.0, 1.0, 2.0])
    same = np.array([0.5, 0.5, 0.5])
    assert fusion.standardised(same).tolist() == [0, 0, 0]
    assert fusion.best(fusion.fused(lexical, same, dense_weight=0.4), 3).tolist() == [0, 2, 1]
    assert fusion.standardised([]).tolist() == []


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=60), st.integers(1, 12))
def test_the_best_are_the_first_of_a_stable_sort(values: list[float], limit: int) -> None:
    scores = np.array(values)
    expected = np.argsort(-scores, kind="stable")[:limit]
    assert scores[fusion.best(scores, limit)].tolist() == scores[expected].tolist()


@given(st.lists(st.floats(-30, 30), min_size=2, max_size=20))
def test_shown_scores_keep_the_order_and_stay_between_nought_and_one(values: list[float]) -> None:
    shown = fusion.presentable(values)
    assert ((shown > 0) & (shown < 1)).all()
    assert (np.diff(shown[np.argsort(values)]) >= 0).all()


def test_no_hit_is_invented_when_no_word_matches_and_nothing_is_similar() -> None:
    library = Library(["cell wall"], ["plasma membrane"])
    assert library.hybrid("quantum gravity", [0.3, 0.2]) == []


def test_a_similar_passage_without_a_common_word_is_a_hit() -> None:
    library = Library(["cell wall"], ["plasma membrane"], ["stock market"])
    assert library.hybrid("biology", [0.6, 0.7, 0.1]) == ["plasma membrane", "cell wall"]


def test_an_empty_index_has_no_hits() -> None:
    assert Library().hybrid("cell", []) == []


def test_feedback_finds_what_the_best_passages_talk_about() -> None:
    akin = "adenosine triphosphate respiration energy membrane"
    apart = "castles towers bridges rivers harbours"
    library = Library(
        *[[f"mitochondria produce adenosine triphosphate by respiration {number}"] for number in range(10)],
        [akin],
        [apart],
        *[[f"filler{number} words{number}"] for number in range(20)],
    )
    query, similarities = WORDS.query("mitochondria"), np.array([0.6] * 10 + [0.5, 0.51] + [0.0] * 20)
    dense = DenseHits(library.passages, similarities)
    ranked = library.hybrid("mitochondria", similarities.tolist())
    assert not library.lexical(query).scores_of(library.passages)[10:].any()
    assert library.shown(dense_ranking(dense, 0.5, 20))[10:] == [apart, akin]
    assert ranked.index(akin) < ranked.index(apart)


def test_lexical_mode_returns_only_passages_with_a_word_of_the_query() -> None:
    library = Library(["cell wall"], ["plasma membrane"])
    assert library.shown(lexical_ranking(library.lexical(WORDS.query("membrane")), 10)) == ["plasma membrane"]


def test_dense_mode_leaves_out_what_is_below_the_floor() -> None:
    library = Library(["a1"], ["b2"], ["c3"])
    dense = DenseHits(library.passages, np.array([0.2, 0.9, 0.6]))
    assert library.shown(dense_ranking(dense, 0.5, 10)) == ["b2", "c3"]


def test_a_similarity_that_is_not_known_is_nought() -> None:
    library = Library(["a1"], ["b2"])
    dense = DenseHits(library.passages.take(np.array([1])), np.array([0.9]))
    assert dense.similarities_of(library.passages).tolist() == [0.0, 0.9]


def test_rare_words_weigh_more_in_the_vector_of_a_query_and_stop_words_least() -> None:
    query = WORDS.query("the mitochondria of cells")
    frequencies = np.array([900 if word == WORDS.query("cells").ids[0] else 3 for word in query.ids.tolist()])
    weigh = word_weights(query, frequencies, 1000)
    assert weigh("Mitochondria") > weigh("cells") >= weigh("the") == pytest.approx(math.sqrt(math.log(2)))


def test_keys_find_each_passage_and_only_it() -> None:
    library = Library(["a1", "b2", "c3"], ["d4"])
    assert positions(library.passages.keys(), library.passages.keys()).tolist() == [0, 1, 2, 3]
    other = PassageIds.of(UUID(int=3).bytes, np.array([0], dtype=np.int64))
    assert positions(other.keys(), library.passages.keys()).tolist() == [-1]
