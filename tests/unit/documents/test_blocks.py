"""Blocks tile the text, marks lie inside their block, and markup that carries meaning becomes text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents_app.domain.blocks import (
    Block,
    BlockKind,
    Mark,
    MarkKind,
    block_from_dict,
    block_to_dict,
    check_tiling,
    tile,
)
from documents_app.domain.errors import ExpandedTooLarge
from documents_app.domain.material import DocumentText
from documents_app.extraction.builder import Cell, TextBuilder
from documents_app.extraction.inline import Inline, Run, render
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.wire import pack_document, unpack_document
from tests.support.tiling import assert_tiled

UP, DOWN = frozenset({MarkKind.SUPERSCRIPT}), frozenset({MarkKind.SUBSCRIPT})
BOLD = frozenset({MarkKind.EMPHASIS})


def built(*contents: Inline, kind: BlockKind = BlockKind.PARAGRAPH) -> DocumentText:
    builder = TextBuilder(ExtractionLimits())
    for content in contents:
        builder.block(kind, content)
    return builder.build({})


@pytest.mark.parametrize(
    ("content", "stored"),
    [
        (["10", Run("5", UP)], "10⁵"),
        (["10", Run("−23", UP)], "10⁻²³"),
        (["H", Run("2", DOWN), "O"], "H₂O"),
        (["x", Run("2y+q", UP)], "x^(2y+q)"),
        (["v", Run("max, old", DOWN)], "v_(max, old)"),
        (["e", Run("2", UP), Run("n", UP | BOLD)], "e²ⁿ"),
        (["SO", Run("4", DOWN), Run("2-", UP)], "SO₄²⁻"),
        (["the 20", Run("th", UP), " century"], "the 20th century"),
        (["x", Run(" ", UP), "y"], "x y"),
        (["so ", Run("", latex="\\frac{1}{2}"), "."], "so $\\frac{1}{2}$."),
    ],
)
def test_raised_and_lowered_text_and_formulas_are_written_so_that_they_can_be_read(
    content: Inline, stored: str
) -> None:
    assert render(content)[0] == stored


def test_marks_cover_what_they_mark_without_the_space_around_it_and_join_where_they_touch() -> None:
    text, marks = render(["the ", Run(" cell", BOLD), Run(" wall ", BOLD | {MarkKind.LINK}), "is", Run(" ", BOLD)])
    assert [(mark.kind, text[mark.char_start : mark.char_end]) for mark in marks] == [
        (MarkKind.EMPHASIS, "cell wall"),
        (MarkKind.LINK, "wall"),
    ]


def test_a_formula_block_is_written_as_its_latex() -> None:
    builder = TextBuilder(ExtractionLimits())
    builder.block(BlockKind.FORMULA, "", latex="E = mc^2")
    document = builder.build({})
    assert document.text == "$$E = mc^2$$"
    assert document.blocks[0].latex == "E = mc^2"


def test_a_list_item_is_indented_by_its_level_and_code_keeps_its_first_indentation() -> None:
    builder = TextBuilder(ExtractionLimits())
    builder.block(BlockKind.LIST_ITEM, "- one", level=1)
    builder.block(BlockKind.LIST_ITEM, "  - two", level=2, tight=True)
    builder.block(BlockKind.CODE, "\n\n    if x:\n\n        y\n\n", code_language="python")
    document = builder.build({})
    assert document.text == "- one\n  - two\n\n    if x:\n\n        y"
    assert_tiled(document)


def test_cells_over_rows_and_columns_stand_in_each_of_them_but_a_title_row_once() -> None:
    builder = TextBuilder(ExtractionLimits())
    builder.table(
        [
            [Cell("Phases", colspan=3)],
            [Cell("State", rowspan=2), Cell("Density", colspan=2)],
            ["g/cm3", "kg/m3"],
            [Cell("solid", rowspan=0), "6.98"],
            ["", Run("7", BOLD)],
        ]
    )
    document = builder.build({})
    assert document.tables[0].cells == (
        ("Phases", "", ""),
        ("State", "Density", "Density"),
        ("State", "g/cm3", "kg/m3"),
        ("solid", "6.98"),
        ("", "7"),
    )
    (mark,) = document.blocks[0].marks
    assert document.text[mark.char_start : mark.char_end] == "7"
    assert document.text.endswith("\n\t7")


@pytest.mark.parametrize("cell", [Cell("x", colspan=10**9), Cell("x", rowspan=10**9, colspan=10**6)])
def test_a_cell_that_claims_the_earth_costs_no_more_than_the_table(cell: Cell) -> None:
    builder = TextBuilder(ExtractionLimits())
    builder.table([[cell], ["a", "b"]])
    assert len(builder.build({}).tables[0].cells[0]) <= 2
    builder = TextBuilder(ExtractionLimits(max_table_cells=1000))
    with pytest.raises(ExpandedTooLarge):
        builder.table([[cell, "b"] if cell.colspan > 1000 else [Cell("x", colspan=2000), "b"]])


def test_the_same_warning_is_given_once() -> None:
    builder = TextBuilder(ExtractionLimits())
    for _ in range(3):
        builder.warn("figure_unread", "A figure has no text.", 2)
    assert [(warning.code, warning.page) for warning in builder.build({}).warnings] == [("figure_unread", 2)]


WORDS = st.text(alphabet="ab 2\n\t\f.é", max_size=8)
KINDS = st.sampled_from([kind for kind in BlockKind if kind is not BlockKind.TABLE])
MARKS = st.frozensets(st.sampled_from(list(MarkKind)), max_size=3)
RUNS = st.lists(st.one_of(WORDS, st.builds(Run, WORDS, MARKS), st.builds(Run, WORDS, MARKS, WORDS)), max_size=5)


@given(st.lists(st.tuples(KINDS, RUNS, st.booleans(), st.booleans()), max_size=8), st.lists(st.lists(RUNS, max_size=3)))
def test_whatever_is_written_blocks_tile_the_text_and_come_back_from_storage(
    entries: list[tuple[BlockKind, list[str | Run], bool, bool]], rows: list[list[list[str | Run]]]
) -> None:
    builder = TextBuilder(ExtractionLimits())
    for kind, runs, tight, page in entries:
        builder.block(kind, runs, level=2, tight=tight)
        if page:
            builder.end_page()
    builder.table(rows)
    document = builder.build({})
    assert_tiled(document)
    assert unpack_document(json.loads(json.dumps(pack_document(document)))) == document


@given(
    st.text(alphabet="ab \n\f\t", max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9)), max_size=4)
)
def test_a_text_of_which_little_is_known_is_tiled_by_paragraphs(text: str, spans: list[tuple[int, int]]) -> None:
    known = [Block(BlockKind.TABLE, 1, a, min(a + n, len(text))) for a, n in spans if a < len(text)]
    blocks = tile(text, [0], known)
    check_tiling(blocks, len(text))
    covered = {index for block in blocks for index in range(block.char_start, block.char_end)}
    assert all(index in covered or char.isspace() for index, char in enumerate(text))
    paragraphs = [text[b.char_start : b.char_end] for b in blocks if b.kind is BlockKind.PARAGRAPH]
    assert not any("\f" in paragraph or paragraph != paragraph.strip() for paragraph in paragraphs)


def test_paragraphs_of_an_untyped_text_end_at_blank_lines_and_page_borders() -> None:
    text = "one\ntwo\n \nthree\n\ffour"
    assert [(text[b.char_start : b.char_end], b.page) for b in tile(text, [0, 16])] == [
        ("one\ntwo", 1),
        ("three", 1),
        ("four", 2),
    ]


def test_a_block_outside_the_text_or_a_mark_outside_its_block_is_refused() -> None:
    with pytest.raises(ValueError, match="outside the text"):
        check_tiling([Block(BlockKind.CODE, 1, 0, 9)], 5)
    with pytest.raises(ValueError, match="overlaps"):
        check_tiling([Block(BlockKind.CODE, 1, 0, 3), Block(BlockKind.CODE, 1, 2, 4)], 5)
    with pytest.raises(ValueError, match="mark"):
        check_tiling([Block(BlockKind.CODE, 1, 0, 3, marks=(Mark(MarkKind.TERM, 1, 4),))], 5)


def test_storage_holds_only_what_a_block_has() -> None:
    block = Block(BlockKind.PARAGRAPH, 1, 0, 3)
    assert block_to_dict(block) == {"kind": "paragraph", "page": 1, "char_start": 0, "char_end": 3}
    assert block_from_dict(block_to_dict(block)) == block
