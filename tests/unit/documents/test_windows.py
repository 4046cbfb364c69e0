"""What is shown around the best unit: at most 80 words of one section, or one table, list or piece of code."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from documents_app.domain.blocks import BlockKind
from documents_app.domain.reading.packing import pack_units, unpack_units
from documents_app.domain.reading.units import Unit, meaning_texts
from documents_app.domain.search.windows import MAX_WORDS, UnitCandidate, chosen, window_at, within_words

PARAGRAPH, ITEM, ROW, CODE = BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.TABLE, BlockKind.CODE


def candidates(*units: tuple[BlockKind, int, int], document: str = "a") -> list[UnitCandidate[str]]:
    """Return candidates of ``(kind, words, section)``; rows and code that follow each other are of one block."""
    made: list[UnitCandidate[str]] = []
    block = 0
    for at, (kind, words, section) in enumerate(units):
        block = block if made and kind in (ROW, CODE) and made[-1].unit.kind is kind else at * 1000
        unit = Unit(at * 1000, at * 1000 + 900, block, at * 1000 + 900, section, kind)
        made.append(UnitCandidate(document, 0, unit, "w " * words, (), words))
    return made


def span(found: list[UnitCandidate[str]], best: int) -> tuple[int, int]:
    window = window_at(found, best)
    return window.first, window.last


def test_a_window_grows_forwards_before_it_grows_backwards() -> None:
    assert span(candidates(*[(PARAGRAPH, 30, 0)] * 5), 2) == (2, 3)
    assert span(candidates(*[(PARAGRAPH, 30, 0)] * 3), 2) == (1, 2)


def test_a_window_stays_in_its_section_and_its_document() -> None:
    found = candidates((PARAGRAPH, 10, 0), (PARAGRAPH, 10, 1), (PARAGRAPH, 10, 1))
    assert span(found, 1) == (1, 2)
    other = [*candidates((PARAGRAPH, 10, 0)), *candidates((PARAGRAPH, 10, 0), document="b")]
    assert span(other, 0) == (0, 0)


def test_a_heading_is_shown_only_where_it_is_what_was_found() -> None:
    found = candidates((BlockKind.HEADING, 4, 0), (PARAGRAPH, 10, 0), (BlockKind.HEADING, 4, 0))
    assert span(found, 1) == (1, 1)
    assert span(found, 0) == (0, 1)


def test_tables_code_and_lists_are_shown_whole() -> None:
    assert span(candidates((PARAGRAPH, 10, 0), *[(ROW, 40, 0)] * 5, (PARAGRAPH, 10, 0)), 3) == (1, 5)
    assert span(candidates(*[(CODE, 50, 0)] * 4), 0) == (0, 3)
    assert span(candidates((PARAGRAPH, 5, 0), *[(ITEM, 10, 0)] * 3), 2) == (0, 3)
    assert span(candidates((PARAGRAPH, 50, 0), *[(ITEM, 20, 0)] * 3), 2) == (1, 3)


def test_of_a_long_table_the_rows_around_the_best_one_are_shown() -> None:
    assert span(candidates((PARAGRAPH, 5, 0), *[(ROW, 40, 0)] * 20), 10) == (10, 11)


def test_a_sentence_longer_than_a_passage_is_cut_after_its_eightieth_word() -> None:
    text = "one  two\n" * 60
    assert len(within_words(text, PARAGRAPH).split()) == MAX_WORDS
    assert text.startswith(within_words(text, PARAGRAPH))
    assert within_words(text, CODE) == text
    assert within_words("short", PARAGRAPH) == "short"


def test_the_window_that_most_probably_holds_the_answer_is_taken_and_the_best_unit_in_it_is_marked() -> None:
    found = candidates(*[(PARAGRAPH, 30, 0)] * 5, *[(PARAGRAPH, 30, 1)] * 2)
    (window,) = chosen(found, [0.0, 2.0, 2.5, 0.0, 0.0, -5.0, 0.0], 1)
    assert (window.first, window.last, window.best) == (1, 2, 2)  # what goes before says more than what follows
    (alike,) = chosen(found, [0.0, 0.0, 2.5, 0.0, 0.0, -5.0, 0.0], 1)
    assert (alike.first, alike.last) == (2, 3)
    two = chosen(found, [0.0, 1.5, 1.6, 0.0, 0.0, -5.0, 1.8], 2)
    assert [(one.first, one.best) for one in two] == [(1, 2), (5, 6)]  # two good units outweigh the single best


units = st.tuples(st.sampled_from([PARAGRAPH, ITEM, ROW, CODE]), st.integers(1, 120), st.integers(0, 2))


@given(st.lists(units, min_size=1, max_size=30), st.data())
def test_windows_never_overlap_and_prose_has_at_most_eighty_words(
    shape: list[tuple[BlockKind, int, int]], data: st.DataObject
) -> None:
    found = candidates(*shape)
    scores = data.draw(st.lists(st.floats(-5, 5), min_size=len(found), max_size=len(found)))
    windows = chosen(found, scores, 3)
    places = [at for window in windows for at in window.places]
    assert len(places) == len(set(places))
    for window in windows:
        assert window.first <= window.best <= window.last
        kinds = {found[at].unit.kind for at in window.places}
        if kinds == {PARAGRAPH} and len(window.places) > 1:
            assert sum(found[at].words for at in window.places) <= MAX_WORDS


@given(st.lists(units, max_size=20))
def test_packed_units_come_back(shape: list[tuple[BlockKind, int, int]]) -> None:
    kept = [candidate.unit for candidate in candidates(*shape)]
    assert unpack_units(pack_units(kept)) == kept


def test_code_and_formulas_are_shown_with_the_sentence_that_leads_to_them() -> None:
    assert span(candidates((PARAGRAPH, 50, 0), (PARAGRAPH, 10, 0), (CODE, 20, 0), (PARAGRAPH, 10, 0)), 2) == (1, 2)
    assert span(candidates((PARAGRAPH, 30, 0), (BlockKind.FORMULA, 5, 0), (PARAGRAPH, 70, 0)), 1) == (0, 1)


def test_rows_items_and_formulas_are_read_with_what_they_cannot_be_understood_without() -> None:
    text = "The rules are: one two. Name|Age Ann|9 Ben|7 Next."
    spans = [(0, 14, 0, PARAGRAPH), (15, 18, 15, ITEM), (19, 23, 19, ITEM), (24, 32, 24, ROW), (33, 38, 24, ROW),
             (39, 44, 24, ROW), (45, 50, 45, PARAGRAPH)]  # fmt: skip
    units = [Unit(low, high, block, high, 0, kind) for low, high, block, kind in spans]
    assert meaning_texts(text, units) == [
        "The rules are:", "The rules are: one", "The rules are: two.", "Name|Age", "Name|Age Ann|9", "Name|Age Ben|7", "Next.",
    ]  # fmt: skip
    apart = [units[0], Unit(15, 18, 15, 18, 1, ITEM)]
    assert meaning_texts(text, apart)[1] == "one"
