"""Every word, number and sign of a source is in the stored text, in order, whatever it looks like."""

from __future__ import annotations

import io
from collections.abc import Callable
from email.message import EmailMessage
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from benchmarks.made.files import pptx
from tests.support.office import paragraph, read, run, word
from tests.unit.documents.test_extraction_odf import odf, p
from tests.unit.documents.test_extraction_slides import line, shape, slides

# What looks like markup, numbers and markers must survive as much as letters of any script do.
ODD = "1. 2) a) - * # [1] [^1] <b> &amp; {x} \\par $5 10% = =1 | _a_ **b** 7.0 ≥ ½ 10⁹ -5 +3 sep=; From: %PDF-1.7 6.".split(
    " "
)
LETTERS = st.text(
    st.characters(categories=["L", "Nd", "Sc", "Sm", "Po"], exclude_characters="\u02bc'\"="), min_size=1, max_size=8
)
WORDS = st.lists(st.one_of(st.sampled_from(ODD), LETTERS), min_size=1, max_size=12)
PARAGRAPHS = st.lists(WORDS, min_size=1, max_size=6)


def as_word(lines: list[str]) -> bytes:
    return word("".join(paragraph(run(escape(text))) for text in lines))


def as_word_table(lines: list[str]) -> bytes:
    rows = "".join(
        f"<w:tr><w:tc>{paragraph(run(escape(text)))}</w:tc><w:tc>{paragraph(run('·'))}</w:tc></w:tr>" for text in lines
    )
    return word(f"<w:tbl>{rows}</w:tbl>")


def as_slides(lines: list[str]) -> bytes:
    return slides(*(shape(line(escape(text))) for text in lines))


def as_workbook(lines: list[str]) -> bytes:
    book = Workbook()
    for number, text in enumerate(lines, 1):
        cell = book.active.cell(number, 1, "x")
        cell.value, cell.data_type = text, "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_open_text(lines: list[str]) -> bytes:
    return odf("odt", "".join(p(escape(text)) for text in lines))


def as_rtf(lines: list[str]) -> bytes:
    def written(text: str) -> str:
        units = memoryview(text.encode("utf-16-le")).cast("H")
        return "".join(chr(unit) if 32 <= unit < 127 and chr(unit) not in "\\{}" else f"\\u{unit}?" for unit in units)

    return ("{\\rtf1\\ansi " + "".join(f"\\pard {written(text)}\\par" for text in lines) + "}").encode("ascii")


def as_mail(lines: list[str]) -> bytes:
    mail = EmailMessage()
    mail["Subject"] = "Sheet"
    mail.set_content("\n\n".join(lines), cte="base64")
    return mail.as_bytes()


FORMATS: list[tuple[str, Callable[[list[str]], bytes], str]] = [
    ("a.docx", as_word, ""),
    ("a.docx", as_word_table, "·"),
    ("a.pptx", as_slides, ""),
    ("a.xlsx", as_workbook, "Sheet"),
    ("a.odt", as_open_text, ""),
    ("a.rtf", as_rtf, ""),
    ("a.eml", as_mail, "Sheet"),
]


@pytest.mark.parametrize(("name", "made", "ours"), FORMATS)
@settings(max_examples=25, deadline=None)
@given(PARAGRAPHS)
def test_no_word_is_lost_or_changed(
    name: str, made: Callable[[list[str]], bytes], ours: str, paragraphs: list[list[str]]
) -> None:
    lines = [" ".join(words) for words in paragraphs]
    words = ["guard0", *" ".join(lines).split(), "guard1"]
    document = read(made(["guard0", *lines, "guard1"]), name)
    assert [found for found in document.text.split() if found != ours] == [w for w in words if w != ours]


def test_the_library_of_presentations_and_ours_agree_on_titles() -> None:
    assert read(pptx(["10⁹ < 5 & more"]), "a.pptx").text.startswith("10⁹ < 5 & more")
