"""Hyphens at line ends of a PDF: those of words stay, those that break a word are undone when it is searched."""

from __future__ import annotations

import pytest

from benchmarks.made.files import paragraph, pdf
from documents_app.domain.normalise import search_form
from documents_app.extraction.pdf.hyphens import WordBreaks
from documents_app.extraction.registry import extract


@pytest.mark.parametrize(
    ("elsewhere", "line", "following", "joint"),
    [
        ("a data-driven method", "It is data-", "driven here", ""),
        ("a data‐driven method", "It is data-", "driven here", ""),
        ("the membrane", "the mem-", "brane is thin", "\n"),
        ("cross-linking and crosslinking", "the cross-", "linking of it", ""),
        ("the highest score, scoring well", "the highest-", "scoring one", ""),
        ("the voluntary in", "an in-", "voluntary act", "\n"),  # a part as short as a syllable
        ("nothing of it", "the well-", "known one", ""),
        ("nothing of it", "they self-", "assemble", ""),
        ("nothing of it", "an unheard-", "ofword", "\n"),
        ("nothing of it", "Heine-", "Borel", "\n"),  # before a capital the search form keeps it
        ("nothing of it", "1990-", "and so on", "\n"),
        ("nothing of it", "no hyphen", "at all", "\n"),
    ],
)
def test_the_document_says_whether_a_hyphen_belongs_to_its_word(
    elsewhere: str, line: str, following: str, joint: str
) -> None:
    assert WordBreaks([elsewhere, line, following]).joint(line, following) == joint


def test_parts_at_the_line_end_itself_are_no_evidence() -> None:
    assert WordBreaks(["the chloro-", "plast is", "green"]).joint("the chloro-", "plast is") == "\n"


def test_a_word_that_keeps_its_hyphen_stands_on_one_line() -> None:
    lines = [
        "Here a data-driven model and a membrane are shown in full.",
        "They call this method a data-",
        "driven one, and the mem-",
        "brane is thin.",
    ]
    stored = extract(pdf([paragraph(lines)]), "a.pdf").text
    assert "a data-driven one" in stored
    assert "data-driven one, and the membrane is thin." in search_form(stored)
