"""Text of shapes (DrawingML): paragraphs with their runs, bullets and numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from documents_app.domain.blocks import MarkKind
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.inline import Run
from documents_app.extraction.office.names import MC, A, M, whole
from documents_app.extraction.office.numerals import numeral
from documents_app.extraction.office.objects import alternative, equation_latex
from documents_app.extraction.office.symbols import is_symbol_font, plain_text

_MATH = "{http://schemas.microsoft.com/office/drawing/2010/main}m"
_MAX_LEVEL = 8
_FORMS = {
    "arabic": "decimal",
    "alphaLc": "lowerLetter",
    "alphaUc": "upperLetter",
    "romanLc": "lowerRoman",
    "romanUc": "upperRoman",
}
_FRAMES = {"ParenBoth": "({})", "ParenR": "{})", "Plain": "{}"}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph: its runs, its level from 0, and its marker ("" for none)."""

    runs: tuple[Run, ...]
    level: int
    marker: str

    @property
    def formula(self) -> str | None:
        """The LaTeX of a paragraph that is one formula and nothing else."""
        worded = [run for run in self.runs if run.latex or run.text.strip()]
        return worded[0].latex if len(worded) == 1 else None


def paragraphs(body: Any, builder: TextBuilder, *, bulleted: bool = False) -> Iterator[Paragraph]:
    """Yield the paragraphs of a text body; ``bulleted``: whether they have bullets unless they say otherwise."""
    counts: dict[int, int] = {}
    for element in body.iter(f"{A}p"):
        runs = tuple(_runs(element, builder))
        if not any(run.latex or run.text.strip() for run in runs):
            continue
        properties = element.find(f"{A}pPr")
        given = whole(properties.get("lvl")) if properties is not None else None
        level = max(min(given or 0, _MAX_LEVEL), 0)
        for deeper in [known for known in counts if known > level]:
            del counts[deeper]
        yield Paragraph(runs, level, _marker(properties, level, counts, bulleted))


def _marker(properties: Any, level: int, counts: dict[int, int], bulleted: bool) -> str:
    numbered = properties.find(f"{A}buAutoNum") if properties is not None else None
    if numbered is None:
        counts.pop(level, None)
        return "-" if _has_bullet(properties, bulleted) else ""
    counts[level] = counts[level] + 1 if level in counts else whole(numbered.get("startAt")) or 1
    scheme = numbered.get("type") or "arabicPeriod"
    form = next((form for prefix, form in _FORMS.items() if scheme.startswith(prefix)), "decimal")
    written = numeral(counts[level], form)
    framed = next((frame for ending, frame in _FRAMES.items() if scheme.endswith(ending)), "{}.")
    return framed.format(written)


def _has_bullet(properties: Any, inherited: bool) -> bool:
    """Tell whether a paragraph has a bullet, its own or its style's."""
    if properties is None:
        return inherited
    own = next(properties.iter(f"{A}buChar", f"{A}buBlip"), None) is not None
    return own or (inherited and properties.find(f"{A}buNone") is None)


def _runs(paragraph: Any, builder: TextBuilder) -> Iterator[Run]:
    for child in paragraph:
        if child.tag in {f"{A}r", f"{A}fld"}:
            yield from _run(child)
        elif child.tag == f"{A}br":
            yield Run("\n")
        elif child.tag == _MATH:
            yield from _formulas(child, builder)
        elif child.tag == f"{MC}AlternateContent":
            branch = alternative(child)
            if branch is not None:
                yield from _runs(branch, builder)


def _formulas(element: Any, builder: TextBuilder) -> Iterator[Run]:
    for equation in element.iter(f"{M}oMath"):
        yield Run("", latex=equation_latex(equation, builder))


def _run(run: Any) -> Iterator[Run]:
    text = run.findtext(f"{A}t") or ""
    properties = run.find(f"{A}rPr")
    marks = set()
    if properties is not None:
        font = next((found.get("typeface") for found in (properties.find(f"{A}sym"), properties.find(f"{A}latin"))
                     if found is not None and is_symbol_font(found.get("typeface"))), None)  # fmt: skip
        text = plain_text(text, font)
        raised = whole((properties.get("baseline") or "0").partition("%")[0].partition(".")[0])
        if raised:
            marks.add(MarkKind.SUBSCRIPT if raised < 0 else MarkKind.SUPERSCRIPT)
        if "1" in {properties.get("b"), properties.get("i")}:
            marks.add(MarkKind.EMPHASIS)
        if properties.find(f"{A}hlinkClick") is not None:
            marks.add(MarkKind.LINK)
    if text:
        yield Run(text.replace("\v", "\n"), frozenset(marks))
