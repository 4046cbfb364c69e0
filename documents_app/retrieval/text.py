"""The one lexical analyzer of the process, and the text of a chunk as the indexes see it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import snowballstemmer

from documents_app.domain.lexical import LexicalAnalyzer
from documents_app.domain.normalise import search_form

_OPENING = 300
_heading_form = lru_cache(maxsize=1024)(search_form)  # all chunks of a section ask for the same ones


@lru_cache(maxsize=1)
def analyzer() -> LexicalAnalyzer:
    """Return the analyzer with the English Snowball stemmer (Porter 2)."""
    stem = snowballstemmer.stemmer("english").stemWord
    return LexicalAnalyzer(stem)


def indexed_text(text: str, heading_path: Sequence[str]) -> str:
    """Return what is indexed and embedded for a chunk: the headings it stands under, then its search form.

    A heading that the chunk opens with anyway is not repeated.
    """
    body = search_form(text)
    opening = body[:_OPENING].casefold()
    headings = [form for form in map(_heading_form, heading_path) if form and form.casefold() not in opening]
    return ". ".join([*headings, body]) if headings else body
