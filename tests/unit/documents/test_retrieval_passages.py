"""Ranked chunks become passages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from documents_app.domain.passages import MAX_MERGED, Ranked, merged


def ranking(*chunks: tuple[str, int]) -> list[Ranked[str]]:
    return [Ranked(document, ordinal, 1 - place / 100) for place, (document, ordinal) in enumerate(chunks)]


def spans(*chunks: tuple[str, int], limit: int = 10) -> list[tuple[str, int, int]]:
    return [(one.document, one.first, one.last) for one in merged(ranking(*chunks), limit)]


def test_neighbours_become_one_passage_with_the_better_score() -> None:
    passages = merged(ranking(("a", 4), ("b", 1), ("a", 5)), 10)
    assert [(one.document, one.first, one.last) for one in passages] == [("a", 4, 5), ("b", 1, 1)]
    assert passages[0].score == 1.0


def test_chunks_of_other_documents_or_further_off_stay_apart() -> None:
    assert spans(("a", 4), ("b", 5), ("a", 6)) == [("a", 4, 4), ("b", 5, 5), ("a", 6, 6)]


def test_a_passage_does_not_grow_into_a_page() -> None:
    assert spans(("a", 1), ("a", 2), ("a", 3), ("a", 4)) == [("a", 1, MAX_MERGED), ("a", 4, 4)]


def test_a_neighbour_further_down_still_joins_when_the_list_is_full() -> None:
    assert spans(("a", 1), ("b", 1), ("c", 1), ("a", 2), limit=2) == [("a", 1, 2), ("b", 1, 1)]


chunks = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 12)), unique=True, max_size=20)


@given(chunks, st.integers(1, 10))
def test_no_chunk_is_in_two_passages_and_all_are_from_the_ranking(found: list[tuple[str, int]], limit: int) -> None:
    passages = merged(ranking(*found), limit)
    held = [(one.document, ordinal) for one in passages for ordinal in one.ordinals]
    assert len(held) == len(set(held))
    assert set(held) <= set(found)
    assert len(passages) <= limit
    assert [one.score for one in passages] == sorted((one.score for one in passages), reverse=True)
