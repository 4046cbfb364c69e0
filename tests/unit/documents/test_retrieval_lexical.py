"""From text to terms, and the packed form they are stored in."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents_app.domain.search.lexical import LexicalAnalyzer, term_id
from documents_app.domain.search.packing import (
    LEAD_TERMS,
    MAX_CHUNK_TERMS,
    MAX_CHUNKS,
    SEGMENT,
    chunk_terms,
    class_length,
    decode,
    length_class,
    pack_chunk,
    pack_postings,
    unpack_chunks,
    unpack_postings,
)
from tutor_project.language import fold, language


class WithoutS:
    """A language of few rules, so that what is tested is the analyzer."""

    stop_words = frozenset("the of and to be or not what are again".split())

    def stem(self, word: str) -> str:
        return fold(word[:-1] if word.endswith("s") and len(word) > 3 else word)


@pytest.fixture(scope="module")
def words() -> LexicalAnalyzer:
    return LexicalAnalyzer(WithoutS())


def ids(*terms: str) -> list[int]:
    return [term_id(term) for term in terms]


def test_stop_words_are_left_out_and_the_rest_is_stemmed_in_order(words: LexicalAnalyzer) -> None:
    assert words.terms("The Cells of the membrane, and cells again").tolist() == ids("cell", "membrane", "cell")


def test_accents_widths_and_arabic_points_do_not_separate_words(words: LexicalAnalyzer) -> None:
    for one, other in (("Éclair", "eclair"), ("ＡＢＣ", "abc"), ("كِتَاب", "كتاب")):
        assert words.terms(one).tolist() == words.terms(other).tolist()
    assert words.terms("한국어 हिन्दी").tolist()


def test_a_query_of_several_languages_finds_the_words_of_each() -> None:
    query = LexicalAnalyzer(language("en"), language("de")).query("Die Häuser und cells")
    german, english = LexicalAnalyzer(language("de")), LexicalAnalyzer(language("en"))
    assert set(german.terms("Haus Häuser").tolist()) < set(query.ids.tolist())
    assert set(english.terms("cell").tolist()) < set(query.ids.tolist())
    assert term_id("und") not in german.terms("und").tolist()


def test_chinese_is_found_by_pairs_of_characters(words: LexicalAnalyzer) -> None:
    assert words.terms("细胞膜").tolist() == ids("细胞", "胞膜")
    assert words.terms("膜").tolist() == ids("膜")
    assert set(words.terms("细胞").tolist()) <= set(words.terms("植物细胞有细胞壁").tolist())


def test_words_outside_ascii_are_kept_as_they_stand(words: LexicalAnalyzer) -> None:
    assert words.terms("größe Dreiecks Московского").tolist() == ids(fold("größe"), "dreieck", "московского")


def test_a_query_tells_the_terms_of_each_of_its_words(words: LexicalAnalyzer) -> None:
    query = words.query("what are cells and cell walls?")
    assert dict(zip(query.ids.tolist(), query.counts.tolist(), strict=True)) == {term_id("cell"): 2, term_id("wall"): 1}
    assert dict(query.words)["what"] == ()
    assert dict(query.words)["cells"] == (term_id("cell"),)


def test_a_query_of_stop_words_has_no_terms(words: LexicalAnalyzer) -> None:
    assert not len(words.query("to be or not to be").ids)


@given(st.text(max_size=200))
def test_any_text_has_terms_and_none_is_zero(text: str) -> None:
    assert 0 not in LexicalAnalyzer(WithoutS()).terms(text).tolist()


def test_the_first_terms_of_a_chunk_count_twice() -> None:
    terms = np.arange(1, LEAD_TERMS + 6, dtype=np.int64)
    chunk = chunk_terms(terms)
    assert chunk.frequencies.tolist() == [2] * LEAD_TERMS + [1] * 5
    assert chunk.length == LEAD_TERMS + 5


def test_a_chunk_keeps_its_most_frequent_terms_within_the_limit() -> None:
    many = np.arange(1, MAX_CHUNK_TERMS + 500, dtype=np.int64)
    chunk = chunk_terms(np.concatenate([many, np.full(3, MAX_CHUNK_TERMS + 400)]))
    assert len(chunk.ids) == MAX_CHUNK_TERMS
    assert MAX_CHUNK_TERMS + 400 in chunk.ids
    assert chunk.ids.tolist() == sorted(chunk.ids.tolist())


@given(st.integers(1, 1200))
def test_a_length_is_stored_within_six_per_cent(length: int) -> None:
    assert class_length(length_class([length]))[0] == pytest.approx(length, rel=0.06)


chunks_of_terms = st.lists(st.lists(st.integers(-50, 50).filter(bool), max_size=40), max_size=8)


@given(chunks_of_terms)
def test_postings_give_back_every_term_of_every_chunk(lists: list[list[int]]) -> None:
    chunks = [chunk_terms(np.array(terms, dtype=np.int64)) for terms in lists]
    expected = {
        (term, ordinal): min(n, 63)
        for ordinal, terms in enumerate(lists)
        for term, n in Counter([*terms, *terms[:LEAD_TERMS]]).items()
    }
    found = {}
    for term, data in pack_postings(chunks, range(len(chunks))):
        ordinals, codes = unpack_postings(data)
        frequencies, classes = decode(codes)
        assert classes.tolist() == length_class([len(lists[ordinal]) for ordinal in ordinals]).tolist()
        found |= {(term, ordinal): frequency for ordinal, frequency in zip(ordinals.tolist(), frequencies, strict=True)}
    assert found == expected


@given(chunks_of_terms)
def test_concatenated_chunk_vectors_come_apart_again(lists: list[list[int]]) -> None:
    chunks = [chunk_terms(np.array(terms, dtype=np.int64)) for terms in lists]
    classes, numbers, terms, frequencies = unpack_chunks(b"".join(map(pack_chunk, chunks)))
    assert classes.tolist() == [int(length_class(chunk.length)) for chunk in chunks]
    assert terms.tolist() == [term for chunk in chunks for term in chunk.ids.tolist()]
    assert frequencies.tolist() == [n for chunk in chunks for n in chunk.frequencies.tolist()]
    assert numbers.tolist() == [number for number, chunk in enumerate(chunks) for _ in chunk.ids]


@pytest.mark.parametrize(("times", "stored"), [(1, 2), (40, 55), (500, 63)])
def test_a_frequency_is_stored_up_to_sixty_three(times: int, stored: int) -> None:
    chunk = chunk_terms(np.full(times, 7, dtype=np.int64))
    ((_, data),) = pack_postings([chunk], [3])
    assert decode(unpack_postings(data)[1])[0].tolist() == [stored]
    assert unpack_chunks(pack_chunk(chunk))[3].tolist() == [stored]


def test_long_postings_are_cut_into_rows_that_an_index_can_hold() -> None:
    chunks = [chunk_terms(np.array([7], dtype=np.int64))] * (2 * SEGMENT + 3)
    rows = list(pack_postings(chunks, range(len(chunks))))
    assert [len(data) // 4 for _, data in rows] == [SEGMENT, SEGMENT, 3]
    assert np.concatenate([unpack_postings(data)[0] for _, data in rows]).tolist() == list(range(len(chunks)))


def test_more_chunks_than_ordinals_can_number_are_refused() -> None:
    with pytest.raises(ValueError, match="indexed up to"):
        list(pack_postings([chunk_terms(np.array([7], dtype=np.int64))], [MAX_CHUNKS]))


def test_no_stop_word_is_a_term() -> None:
    for tag in ("en", "de", "es", "fr", "pt"):
        whole = [word for word in sorted(language(tag).stop_words) if word.isalpha()]
        assert not len(LexicalAnalyzer(language(tag)).terms(" ".join(whole)))


def test_names_with_signs_are_words_of_their_own(words: LexicalAnalyzer) -> None:
    assert words.terms("C++ and C# (not C)").tolist() == ids("c++", "c#", "c")
    assert words.terms("C++11").tolist() == ids("c", "11")
