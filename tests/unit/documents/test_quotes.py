"""Quotations lead back to the exact characters; one with a slip to what really stands there, an invented one nowhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents_app.domain.analysis.types import Section, Sentence
from documents_app.domain.material import DocumentText, PageSpan, SourceDocument
from documents_app.domain.quotes import Evidence, Excerpt, QuotableText, even_out
from documents_app.domain.support import is_named, is_supported

TEXT = (
    "Photo-\nsynthesis stores light energy in sug-\nars. The “Calvin cycle” ﬁxes carbon —\nit runs\n\nin the stroma. "
    "A well-known fact. Heine-\nBorel is a theorem about compact sets."
)


def document(text: str = TEXT) -> SourceDocument:
    return SourceDocument("d1", "notes.txt", DocumentText(text, (PageSpan(1, 0, len(text)),)))


def quotable(text: str = TEXT) -> QuotableText:
    return QuotableText(document(text), 0, len(text))


def test_shown_form_is_even() -> None:
    assert even_out(TEXT).startswith(
        'Photosynthesis stores light energy in sugars. The "Calvin cycle" fixes carbon - it'
    )
    assert "Heine-Borel is" in even_out(TEXT)


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("Photosynthesis stores light energy in sugars.", "Photo-\nsynthesis stores light energy in sug-\nars"),
        ("  photosynthesis stores light energy", None),
        ("stores  light\nenergy", "stores light energy"),
        ('The "Calvin cycle" fixes carbon', "The “Calvin cycle” ﬁxes carbon"),
        ("carbon – it runs in the stroma", "carbon —\nit runs\n\nin the stroma"),
        ('"A well-known fact."', "A well-known fact"),
        ("Heine-Borel is a theorem", "Heine-\nBorel is a theorem"),
        ("stores chemical energy in sugars", None),
        ("tores light energy in sug", None),
        ("sugars", None),
        ("", None),
        ("............", None),
    ],
)
def test_quotation_is_found_word_for_word_or_not_at_all(quote: str, found: str | None) -> None:
    citation = quotable().find(quote)
    assert (citation.text if citation else None) == found
    if citation:
        assert TEXT[citation.char_start : citation.char_end] == citation.text


@given(st.text(alphabet="ab-\n “”ﬁ\u00ad.C", min_size=20, max_size=120), st.integers(0, 100), st.integers(12, 60))
def test_any_part_of_what_is_shown_leads_back_to_an_exact_slice(text: str, start: int, length: int) -> None:
    source = quotable("x" + text + "x")
    quote = source.text[start : start + length]
    citation = source.find(quote)
    if citation is not None:
        assert even_out(quote).strip(" \"'.") in even_out(citation.text)
        assert document("x" + text + "x").content.text[citation.char_start : citation.char_end] == citation.text


def test_offsets_count_from_the_start_of_the_document() -> None:
    source = document("Front matter. The cell membrane is thin. The end of it.")
    citation = QuotableText(source, 14, 40).find("cell membrane is thin")
    assert citation is not None
    assert (citation.char_start, citation.text) == (18, "cell membrane is thin")


def test_languages_without_spaces_are_quoted_from_inside_a_line() -> None:
    assert (
        quotable("光合作用是植物利用光能把二氧化碳和水转化为有机物的过程").find("利用光能把二氧化碳和水转化为")
        is not None
    )


def excerpt(label: str, text: str, at: int) -> Excerpt:
    source = document(text)
    sentences, start = [], 0
    for part in text.split(". "):
        end = min(start + len(part) + 1, len(text))
        sentences.append(Sentence(0, start, end, text[start:end]))
        start = end + 1
    section = Section(at, 0, f"Title {at}", 1, (f"Title {at}",), 0, len(text), tuple(sentences))
    return Excerpt(label, section, source, QuotableText(source, 0, len(text)))


def test_evidence_is_widened_to_whole_sentences() -> None:
    evidence = Evidence([excerpt("S1", "The heart pumps blood. The lungs take up oxygen. Both matter.", 1)])
    found = evidence.find("lungs take up oxygen", "S1")
    assert found is not None
    assert found[1].text == "The lungs take up oxygen."


def test_wrong_label_is_forgiven_and_an_invented_quotation_is_not() -> None:
    evidence = Evidence([excerpt("S1", "The heart pumps blood.", 1), excerpt("S2", "The lungs take up oxygen.", 2)])
    found = evidence.find("lungs take up oxygen", "S1")
    assert found is not None
    assert found[0].label == "S2"
    assert evidence.find("The liver makes bile for us", "S1") is None


@pytest.mark.parametrize(
    ("statement", "supported"),
    [
        ("The membrane of a cell is about 7 nm thick.", True),
        ("The membrane is 8 nm thick.", False),
        ("Cells are not surrounded by a membrane.", False),
        ("Plants turn light into sugar in chloroplasts.", False),
        ("…", False),
    ],
)
def test_statement_needs_its_numbers_words_and_denials_in_the_passage(statement: str, supported: bool) -> None:
    assert is_supported(statement, ["Every cell is surrounded by a membrane, which is about 7 nm thick."]) is supported


def test_name_is_matched_in_any_inflection() -> None:
    assert is_named("cell membrane", ["Membranes surround all cells."])
    assert not is_named("cell wall", ["Membranes surround all cells."])


def test_a_quotation_with_a_slip_is_aligned_and_what_really_stands_there_is_cited() -> None:
    text = "Rain fell for days. The river rose by three metres and carried the old bridge away. Nobody was hurt."
    shown = QuotableText(document(text), 0, len(text))
    share, citation = shown.aligned("The river rose by three metres and swept the old bridge away") or (0.0, None)
    assert citation is not None and citation.text == "The river rose by three metres and carried the old bridge away"
    assert 0.8 <= share < 1.0
    assert shown.aligned("The town hall burned down in a single night") is None
    assert shown.aligned("The river rose") is None
