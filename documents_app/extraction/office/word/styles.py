"""What the styles of a Word document say about paragraphs and runs, through the styles they are based on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from documents_app.domain.blocks import BlockKind
from documents_app.extraction import style_names
from documents_app.extraction.office.names import W, is_on, whole

_MAX_BASES = 10
_RAISED = 4
"""Half points by which letters are raised or lowered by hand at least to count as a script."""


@dataclass(frozen=True, slots=True)
class RunStyle:
    """What is set for a run; None where nothing is said."""

    script: str | None = None
    hidden: bool | None = None
    strong: bool | None = None
    font: str | None = None

    def over(self, base: RunStyle) -> RunStyle:
        """Return this with what it leaves open taken from ``base``."""
        return RunStyle(
            base.script if self.script is None else self.script,
            base.hidden if self.hidden is None else self.hidden,
            base.strong if self.strong is None else self.strong,
            base.font if self.font is None else self.font,
        )

    @property
    def is_monospaced(self) -> bool:
        """Whether the letters are all of one width, as those of code."""
        return style_names.is_monospaced(self.font)


NOTHING = RunStyle()


@dataclass(frozen=True, slots=True)
class ParagraphProperties:
    """What a paragraph itself sets; None where it says nothing. Levels count from 0."""

    style_id: str | None = None
    outline: int | None = None
    number: str | None = None
    list_level: int | None = None


_PLAIN = ParagraphProperties()


def paragraph_properties(paragraph: Any) -> ParagraphProperties:
    """Return the properties of a ``w:p``, read in one pass: documents have many paragraphs."""
    properties = paragraph.find(f"{W}pPr")
    if properties is None or not len(properties):
        return _PLAIN
    style_id = outline = number = level = None
    for child in properties:
        if child.tag == f"{W}pStyle":
            style_id = child.get(f"{W}val")
        elif child.tag == f"{W}outlineLvl":
            outline = whole(child.get(f"{W}val"))
        elif child.tag == f"{W}numPr":
            number, level = numbering_of(child)
    return ParagraphProperties(style_id, outline, number, level)


def run_style(properties: Any) -> RunStyle:
    """Return what a ``w:rPr`` element itself sets."""
    if properties is None:
        return NOTHING
    fonts = properties.find(f"{W}rFonts")
    font = (fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi")) if fonts is not None else None
    bold, italic = is_on(properties, f"{W}b"), is_on(properties, f"{W}i")
    strong = None if bold is None and italic is None else bool(bold) or bool(italic)
    return RunStyle(_script(properties), is_on(properties, f"{W}vanish"), strong, font)


def _script(properties: Any) -> str | None:
    """Return "superscript", "subscript" or "baseline": set as such, or by raising smaller letters by hand."""
    aligned = properties.find(f"{W}vertAlign")
    if aligned is not None:
        return aligned.get(f"{W}val")
    position = properties.find(f"{W}position")
    if position is None or properties.find(f"{W}sz") is None:
        return None
    height = whole(position.get(f"{W}val")) or 0
    if abs(height) < _RAISED:
        return None
    return "subscript" if height < 0 else "superscript"


class Styles:
    """The styles of one document, by id; None stands for the default paragraph style."""

    def __init__(self, root: Any) -> None:
        styles = list(root.iter(f"{W}style")) if root is not None else []
        self._by_id = {style.get(f"{W}styleId"): style for style in styles}
        self._default = next((s.get(f"{W}styleId") for s in styles if _is_default_paragraph(s)), None)
        self.heading_level = cache(self._heading_level)
        self.kind = cache(self._kind)
        self.list_place = cache(self._list_place)
        self.run_style = cache(self._run_style)

    def _chain(self, style_id: str | None) -> Iterator[Any]:
        """Yield a style and those it is based on."""
        for _ in range(_MAX_BASES):
            style = self._by_id.get(style_id or self._default)
            if style is None:
                return
            yield style
            base = style.find(f"{W}basedOn")
            if base is None:
                return
            style_id = base.get(f"{W}val")

    def _heading_level(self, style_id: str | None) -> int:
        """Return the level of a heading style by outline level or name, 0 for another style."""
        for style in self._chain(style_id):
            outline = style.find(f"{W}pPr/{W}outlineLvl")
            level = whole(outline.get(f"{W}val")) if outline is not None else None
            if level is not None:
                return level + 1 if 0 <= level < 9 else 0
            named = style_names.heading_level(_name(style))
            if named:
                return named
        return 0

    def _kind(self, style_id: str | None) -> BlockKind:
        """Return what paragraphs of a style are: captions, quotes, code, lines of a table of contents, or paragraphs."""
        for style in self._chain(style_id):
            kind = style_names.paragraph_kind(_name(style))
            if kind is not BlockKind.PARAGRAPH:
                return kind
        return BlockKind.PARAGRAPH

    def _list_place(self, style_id: str | None) -> tuple[str | None, int]:
        """Return the id and level (from 0) of the list that a style puts paragraphs into."""
        for style in self._chain(style_id):
            numbering = style.find(f"{W}pPr/{W}numPr")
            if numbering is not None:
                number, level = numbering_of(numbering)
                if number is not None:
                    return number, level or 0
        return None, 0

    def _run_style(self, style_id: str | None) -> RunStyle:
        """Return what a style sets for its runs."""
        found = NOTHING
        for style in self._chain(style_id):
            found = found.over(run_style(style.find(f"{W}rPr")))
        return found


def numbering_of(properties: Any) -> tuple[str | None, int | None]:
    """Return the list id and level of a ``w:numPr`` element, each None if it is not said."""
    number, level = properties.find(f"{W}numId"), properties.find(f"{W}ilvl")
    depth = whole(level.get(f"{W}val")) if level is not None else None
    return (number.get(f"{W}val") if number is not None else None), depth


def _is_default_paragraph(style: Any) -> bool:
    return style.get(f"{W}type") == "paragraph" and (style.get(f"{W}default") or "0") in {"1", "true", "on"}


def _name(style: Any) -> str:
    label = style.find(f"{W}name")
    return (label.get(f"{W}val") or "") if label is not None else ""
