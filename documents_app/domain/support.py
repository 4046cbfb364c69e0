"""Whether a sentence that a model wrote is carried by the passages it is cited with.

A cheap, strict check in words: every number of the statement has to stand in the passages, most of its content
words too, and it must not deny what they do not deny. It does not prove entailment; it stops statements that
talk about something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from documents_app.domain.keyphrases_words import content_stems, reading_form

MIN_SHARED_WORDS = 0.5

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NEGATION = re.compile(r"\b(?:not|no|never|none|neither|nor|without|cannot)\b|n['’]t\b", re.IGNORECASE)


def is_supported(statement: str, passages: Iterable[str], *, minimum: float = MIN_SHARED_WORDS) -> bool:
    """Return whether ``passages`` carry ``statement``: its numbers, its denial, ``minimum`` of its content words."""
    text = " ".join(reading_form(passage) for passage in passages)
    if set(_NUMBER.findall(statement)) - set(_NUMBER.findall(text)):
        return False
    if _NEGATION.search(statement) and not _NEGATION.search(text):
        return False
    wanted = set(content_stems(statement))
    return bool(wanted) and len(wanted & set(content_stems(text))) >= minimum * len(wanted)


def is_named(name: str, texts: Iterable[str]) -> bool:
    """Return whether every content word of ``name`` occurs in ``texts`` (inflected forms count)."""
    wanted = set(content_stems(name))
    return bool(wanted) and wanted <= set(content_stems(" ".join(reading_form(text) for text in texts)))
