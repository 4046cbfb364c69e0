"""Markdown, HTML, plain text, CSV and notebooks: what is stored is what a learner reads."""

from __future__ import annotations

import json

import pytest

from benchmarks.made import files
from documents_app.domain.errors import CorruptFile, EmptyFile, ExpandedTooLarge, NoPages, TooManyPages, UnsafeMarkup
from documents_app.domain.material import DocumentText
from documents_app.extraction.decode import decode
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.registry import extract


def read(text: str | bytes, name: str, limits: ExtractionLimits | None = None) -> DocumentText:
    data = text.encode() if isinstance(text, str) else text
    document = extract(data, name, limits or ExtractionLimits())
    for heading in document.headings:
        assert document.text[heading.char_start : heading.char_end] == heading.text
    for table in document.tables:
        rendered = document.text[table.char_start : table.char_end]
        assert [line.split("\t")[0] for line in rendered.split("\n")] == [row[0] for row in table.cells]
    for page in document.pages:
        assert "\f" not in document.text[page.char_start : page.char_end]
    return document


@pytest.mark.parametrize(
    ("source", "stored"),
    [
        ("A [cell](https://example.org/Cell_(biology)) is *small* and **alive**.", "A cell is small and alive."),
        ("before <!-- a comment --> after", "before  after"),
        ("line one\nline two", "line one line two"),
        ("A ref[^1] and [@key2001; @other] here.\n\n[^1]: The note.", "A ref[1] and here.\n\n[1] The note."),
        ("10^13^ cells of the 20^th^ century with Na^+^ and H~2~O", "10¹³ cells of the 20th century with Na⁺ and H₂O"),
        ("See Figure \\@ref(fig:cell) there.", "See Figure there."),
        ("![A cell](cell.png){width=50%}", "A cell"),
        ("::: note\nInside.\n:::", "Inside."),
        ("(ref:cap) A caption text.", "A caption text."),
        ("The sum $a_1 * b_1 * c$ holds.", "The sum $a_1 * b_1 * c$ holds."),
        ("press <kbd>x</kbd><br>now", "press x\nnow"),
    ],
)
def test_markdown_markup_is_reduced_to_its_text(source: str, stored: str) -> None:
    assert read(source, "a.md").text == stored


def test_front_matter_gives_the_title_and_no_text() -> None:
    document = read('---\ntitle: "My course"\nauthor: X\n---\n\n# One\n\nText.', "a.md")
    assert document.text == "One\n\nText."
    assert document.metadata["title"] == "My course"


def test_headings_keep_their_level_and_lose_their_attributes() -> None:
    document = read("# One {#one .unnumbered}\n\nText.\n\nTwo\n---\n\n### Three *x*", "a.md")
    assert [(h.level, h.text) for h in document.headings] == [(1, "One"), (2, "Two"), (3, "Three x")]


def test_hidden_code_chunks_vanish_and_shown_code_stays() -> None:
    source = '```{r plot, fig.cap="A bar chart", echo=FALSE}\nplot(x)\n```\n\n```{python}\nprint(1)\n```'
    source += "\n\n```js\nlet y;\n```"
    assert read(source, "a.Rmd").text == "A bar chart\n\nprint(1)\n\nlet y;"


def test_lists_keep_marks_numbers_and_nesting() -> None:
    source = "3. three\n4. four\n   - inner\n\n* star\n* second"
    assert read(source, "a.md").text == "3. three\n4. four\n  - inner\n\n- star\n- second"


def test_a_markdown_table_becomes_rows_of_cells() -> None:
    document = read("| a | b |\n|---|---|\n| *c* | d |", "a.md")
    assert document.text == "a\tb\nc\td"
    assert document.tables[0].cells == (("a", "b"), ("c", "d"))


def test_a_form_feed_begins_a_page() -> None:
    document = read("one\ftwo", "a.txt")
    assert [(p.page, document.text[p.char_start : p.char_end]) for p in document.pages] == [(1, "one"), (2, "two")]


def test_html_leaves_scripts_and_hidden_parts_out_and_knows_menus() -> None:
    source = (
        "<html><head><title>T</title><style>p{}</style></head><body><nav>menu</nav><h1>Cells</h1>"
        "<p>They <b>div</b>ide.<script>evil()</script><span hidden>no</span></p><ol start=2><li>two<li>three</ol>"
        "<table><tr><th>a<th>b<tr><td>c<td>d</table><pre>x = 1\n  y</pre></body></html>"
    )
    document = read(source, "page.html")
    assert [document.text[start:end] for start, end in document.furniture] == ["menu"]
    assert document.text == "menu\n\nCells\n\nThey divide.\n\n2. two\n3. three\n\na\tb\nc\td\n\nx = 1\n  y"
    assert document.metadata["title"] == "T"


def test_html_nested_beyond_reason_is_refused_by_name() -> None:
    with pytest.raises(UnsafeMarkup):
        read("<html><body>" + "<div>" * 50_000 + "deep", "a.html")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Größe und Maß", "utf-8"),
        ("Größe und Maß", "utf-8-sig"),
        ("Größe und Maß in UTF-16, lang genug", "utf-16-le"),
        ("Größe und Maß", "utf-16"),
        ("Größe und Maß", "utf-32"),
        ("Größe, Maß und Köpfe sind häufige Wörter. " * 10, "latin-1"),
        ("これは日本語の文章です。次の文があります。" * 10, "shift_jis"),
        ("Это русский текст о клетках и мембранах. " * 10, "cp1251"),
    ],
)
def test_encodings_are_told_from_the_bytes(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding))[0] == text


def test_a_file_of_mixed_encodings_is_read_line_by_line() -> None:
    data = "Grüße\n".encode() * 5 + "Größe\n".encode("cp1252")
    assert decode(data)[0] == "Grüße\n" * 5 + "Größe\n"


@pytest.mark.parametrize("data", [b"", b" \n\t ", b"\xef\xbb\xbf", b"...!?"])
def test_a_file_without_a_word_is_empty(data: bytes) -> None:
    with pytest.raises(EmptyFile):
        read(data, "a.txt")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_of_a_csv_file_is_detected(delimiter: str) -> None:
    source = f'name{delimiter}value\n"a{delimiter}b"{delimiter}1\nc{delimiter}2\n'
    assert read(source, "a.csv").tables[0].cells == (
        ("name", "value"),
        (f"a{delimiter}b".replace("\t", " "), "1"),
        ("c", "2"),
    )


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=; "])
def test_a_line_that_names_the_delimiter_is_no_row(first: str) -> None:
    assert read(f"{first}\nName;Wert\nWasser;1,5\n", "a.csv").tables[0].cells == (("Name", "Wert"), ("Wasser", "1,5"))


def test_blank_rows_part_the_tables_of_a_sheet() -> None:
    assert [table.cells for table in read("a,b\nc,d\n\n,\ne,f\n", "a.csv").tables] == [
        (("a", "b"), ("c", "d")),
        (("e", "f"),),
    ]


def test_limits_on_pages_characters_and_cells_are_named_errors() -> None:
    with pytest.raises(TooManyPages):
        read("a\f" * 30, "a.txt", ExtractionLimits(max_pages=10))
    with pytest.raises(ExpandedTooLarge):
        read("word " * 100, "a.txt", ExtractionLimits(max_chars=50))
    with pytest.raises(ExpandedTooLarge):
        read("a,b\n" * 50, "a.csv", ExtractionLimits(max_table_cells=20))


def test_a_notebook_gives_its_markdown_code_and_printed_output() -> None:
    document = read(files.notebook(), "a.ipynb")
    assert document.text == "Title\n\nSome text.\n\nprint(2)\n\n2"
    assert document.metadata["format"] == "notebook"


def test_a_broken_notebook_is_a_corrupt_file_and_an_empty_one_has_no_pages() -> None:
    with pytest.raises(CorruptFile):
        read('{"cells": [}', "a.ipynb")
    with pytest.raises(CorruptFile):
        read(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": {"a": 1}}), "a.ipynb")
    with pytest.raises(NoPages):
        read(files.notebook([]), "a.ipynb")
