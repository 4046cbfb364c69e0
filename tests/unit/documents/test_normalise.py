"""The stored form holds nothing a store refuses; the search form folds what readers do not see."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents_app.domain.normalise import clean, search_form


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("nul\x00 bell\x07 escape\x1b", "nul bell escape"),
        ("tab\tand\fbreak", "tab\tand\fbreak"),
        ("\ufeffmark\ufffe\uffff", "mark"),
        ("lone \ud800 surrogate", "lone � surrogate"),
        ("line\u2028separator\x85here", "line\nseparator\nhere"),
        ("ligature ﬁ and عربي and 中文", "ligature ﬁ and عربي and 中文"),
    ],
)
def test_the_stored_form_drops_only_what_no_store_accepts(raw: str, stored: str) -> None:
    assert clean(raw) == stored


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_the_stored_form_is_stable_and_encodable(raw: str) -> None:
    stored = clean(raw)
    assert clean(stored) == stored
    stored.encode("utf-8")
    assert not any(char < " " and char not in "\n\t\f" for char in stored)


@pytest.mark.parametrize(
    ("stored", "searched"),
    [
        ("the mem-\nbrane", "the membrane"),
        ("Heine-\nBorel", "Heine-Borel"),
        ("soft\u00adhyphen", "softhyphen"),
        ("con\u00ad\nsectetuer", "consectetuer"),
        ("1990-\n1995", "1990-1995"),
        ("eﬃcient ﬁsh", "efficient fish"),
        ("Na⁺ and 10¹³", "Na+ and 1013"),
        ("ｗｉｄｅ", "wide"),
        ("a\n  b\t c\f d", "a b c d"),
    ],
)
def test_the_search_form_folds_breaks_ligatures_and_widths(stored: str, searched: str) -> None:
    assert search_form(stored) == searched
