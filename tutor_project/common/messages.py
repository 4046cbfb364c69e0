"""Sentences of errors, failed jobs and documents in the language that is active.

The sentence of an error class is the key of the catalogs (``tutor_project/locale``); what is stored and logged stays in
English, and is said in the reader's language at the edge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from django.utils.translation import get_language, gettext

from tutor_project.common.errors import DomainError, fill

LONGEST = 2_000
"""Characters of a stored sentence above which it is shown as it is: recognising it would cost too much."""

_WORDED = frozenset({"reason", "reasons", "unit", "status"})
"""Fields whose values are words of ours, which the catalogs know, rather than names, numbers or a person's text."""


def said(error: DomainError) -> str:
    """Return the sentence of ``error`` in the active language; in English where no catalog has it."""
    if _english():
        return error.message
    return _filled(error.template, error.data) if error.template else said_again(error.code, error.message)


def said_again(code: str | None, sentence: str | None, templates: Mapping[str, Sequence[str]] | None = None) -> str:
    """Return a stored sentence in the active language, as it is where it is not one that its ``code`` stands for.

    ``templates`` are the sentences by code, those of the error classes unless given.
    """
    if not sentence or _english() or len(sentence) > LONGEST:
        return sentence or ""
    for known in (_templates() if templates is None else templates).get(code or "", ()):
        if found := _pattern(known).fullmatch(sentence):
            return _filled(known, found.groupdict())
    return sentence


def error_classes(base: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    """Yield every class of errors that is loaded."""
    for kind in base.__subclasses__():
        yield kind
        yield from error_classes(kind)


def _english() -> bool:
    return (get_language() or "en").startswith("en")


def _filled(template: str, data: Mapping[str, Any]) -> str:
    worded = {
        name: gettext(value) if name in _WORDED and isinstance(value, str) else value for name, value in data.items()
    }
    return fill(gettext(template), worded)


@cache
def _templates() -> dict[str, tuple[str]]:
    return {kind.code: (kind.detail,) for kind in error_classes()}


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """Return what matches a filled-in ``template`` and gives its fields back; a field may occur once."""
    pieces = re.split(r"\{(\w+)(?:![rs])?\}", template.replace("{{", "\0").replace("}}", "\1"))
    literal = [re.escape(piece.replace("\0", "{").replace("\1", "}")) for piece in pieces[::2]]
    fields = [f"(?P<{name}>.+?)" for name in pieces[1::2]]
    return re.compile("".join(part for pair in zip(literal, [*fields, ""], strict=True) for part in pair), re.DOTALL)
