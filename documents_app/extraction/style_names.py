"""What the names of paragraph styles and fonts say, in the languages that office programs name them in."""

from __future__ import annotations

import re

from documents_app.domain.blocks import BlockKind

_HEADING = re.compile(r"(?:heading|überschrift|titre|título|titolo|kop|rubrik)\s*([1-9])", re.IGNORECASE)
_KINDS = (
    (re.compile(r"(?:caption|beschriftung|légende|legende|illustration|figure)\b", re.IGNORECASE), BlockKind.CAPTION),
    (re.compile(r"(?:intense |block )?quot|(?:intensives )?zitat|citation|cita\b", re.IGNORECASE), BlockKind.QUOTE),
    (
        re.compile(
            r"(?:(?:source|sample|verbatim|program) )?(?:code|listing|preformatted)|.*\bpreformatted", re.IGNORECASE
        ),
        BlockKind.CODE,
    ),
    (
        re.compile(r"toc \d|table of (?:figures|authorities)|toc heading|contents \d", re.IGNORECASE),
        BlockKind.FURNITURE,
    ),
)
_MONOSPACED = re.compile(r"mono|courier|consol|menlo|typewriter|source code|fixed", re.IGNORECASE)


def heading_level(name: str) -> int:
    """Return the level that a style's name gives its paragraphs as headings, 0 for another style."""
    matched = _HEADING.match(name)
    return int(matched[1]) if matched else 1 if name.lower() == "title" else 0


def paragraph_kind(name: str) -> BlockKind:
    """Return what paragraphs of a style are by its name."""
    return next((kind for form, kind in _KINDS if form.match(name)), BlockKind.PARAGRAPH)


def is_monospaced(font: str | None) -> bool:
    """Whether the letters of a font are all of one width, as those of code."""
    return font is not None and _MONOSPACED.search(font) is not None
