"""Whether a sentence that a model wrote is carried by the passages it is cited with.

A cheap, strict check in words: every number of the statement has to stand in the passages, most of its content
words too, and it must not deny what they do not deny. It does not prove entailment; it stops statements that
talk about something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from documents_app.domain.reading.form import reading_form
from tutor_project.language import Language, detect, language

MIN_SHARED_WORDS = 0.5

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def is_supported(statement: str, passages: Iterable[str], *, minimum: float = MIN_SHARED_WORDS) -> bool:
    """Return whether ``passages`` carry ``statement``: its numbers, its denial, ``minimum`` of its content words."""
    text = " ".join(reading_form(passage) for passage in passages)
    if foreign_numbers(statement, text):
        return False
    tongue = language_of_passage(text)
    if _denies(statement, tongue) and not _denies(text, tongue):
        return False
    wanted = set(tongue.content_stems(statement))
    return bool(wanted) and len(wanted & set(tongue.content_stems(text))) >= minimum * len(wanted)


def foreign_numbers(statement: str, text: str) -> list[str]:
    """Return the numbers of ``statement`` that ``text`` does not have, as they are written."""
    known = set(_NUMBER.findall(text))
    return [number for number in _NUMBER.findall(statement) if number not in known]


def language_of_passage(text: str) -> Language:
    """Return the language of ``text``; one too short to tell is compared by the rules of English."""
    return language(detect(text) or "en")


def _denies(text: str, tongue: Language) -> bool:
    return any(word.text.lower().replace("’", "'") in tongue.negations for word in tongue.words(text))


def speaks_of(title: str, passage: str) -> bool:
    """Return whether ``passage`` is about what ``title`` names: its numbers, and a word that carries a topic.

    Inflected forms count; everyday verbs ("explain", "pass") do not carry one.
    """
    text = reading_form(passage)
    if foreign_numbers(title, text):
        return False
    tongue = language_of_passage(text)
    return not (set(tongue.content_stems(title)) - tongue.stem_set("common_verbs")).isdisjoint(
        tongue.content_stems(text)
    )


def is_named(name: str, texts: Iterable[str]) -> bool:
    """Return whether every content word of ``name`` occurs in ``texts`` (inflected forms count)."""
    text = " ".join(reading_form(part) for part in texts)
    tongue = language_of_passage(text)
    wanted = set(tongue.content_stems(name))
    return bool(wanted) and wanted <= set(tongue.content_stems(text))
