"""Raised and lowered characters inside the cells of a table, which are plain strings until they are written.

Each such character stands behind a sign, a code point that Unicode keeps out of every text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from documents_app.domain.blocks import MarkKind
from documents_app.extraction.inline import Run

_SIGNS = {MarkKind.SUPERSCRIPT: "\ufdd0", MarkKind.SUBSCRIPT: "\ufdd1"}
_KINDS = {sign: kind for kind, sign in _SIGNS.items()}
_STRETCH = re.compile("(?:\ufdd0.)+|(?:\ufdd1.)+|[^\ufdd0\ufdd1]+", re.DOTALL)
_ANY = re.compile("[\ufdd0\ufdd1]")


def signed(char: str, kind: MarkKind | None) -> str:
    """Return a character with its sign."""
    return _SIGNS.get(kind, "") + char if kind else _ANY.sub("", char)


def unsigned(text: str) -> str:
    """Return a text without signs."""
    return _ANY.sub("", text)


def runs(text: str) -> list[Run]:
    """Return the runs of a text with signs."""
    return list(_runs(text))


def _runs(text: str) -> Iterator[Run]:
    for found in _STRETCH.finditer(text):
        kind = _KINDS.get(found[0][0])
        yield Run(unsigned(found[0]), frozenset({kind} if kind else ()))
