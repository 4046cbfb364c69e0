"""The lexical analyzers of the process, and the text of a chunk as the indexes see it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from documents_app.domain.normalise import search_form
from documents_app.domain.search.lexical import LexicalAnalyzer
from tutor_project.language import language

_OPENING = 300
_heading_form = lru_cache(maxsize=1024)(search_form)  # all chunks of a section ask for the same ones


DEFAULT_LANGUAGE = "en"
"""What a document counts as whose language is not known: too short to tell, or several mixed."""


@lru_cache(maxsize=64)
def analyzer(*tags: str) -> LexicalAnalyzer:
    """Return the analyzer of some languages (BCP 47 tags), of the default one when none is named."""
    return LexicalAnalyzer(*(language(tag) for tag in tags or (DEFAULT_LANGUAGE,)))


def indexed_text(text: str, heading_path: Sequence[str]) -> str:
    """Return what is indexed and embedded for a chunk: the headings it stands under, then its search form.

    A heading that the chunk opens with anyway is not repeated.
    """
    body = search_form(text)
    opening = body[:_OPENING].casefold()
    headings = [form for form in map(_heading_form, heading_path) if form and form.casefold() not in opening]
    return ". ".join([*headings, body]) if headings else body
