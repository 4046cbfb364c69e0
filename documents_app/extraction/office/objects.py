"""What is drawn in a document: text boxes, pictures, charts, SmartArt and embedded objects, each met once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from documents_app.domain.blocks import BlockKind
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.embedded_pictures import EmbeddedFigures
from documents_app.extraction.formulas import written_or_flat
from documents_app.extraction.notes import DIAGRAM, OBJECT, OBJECT_OF, OLD_EQUATION
from documents_app.extraction.office import equations
from documents_app.extraction.office.diagrams import read_chart, read_smart_art
from documents_app.extraction.office.names import DGM, MC, A, C, M, R, W
from documents_app.extraction.office.package import Package

_VML = "{urn:schemas-microsoft-com:vml}"
_OFFICE = "{urn:schemas-microsoft-com:office:office}"
# What programs put into a description when nobody wrote one: the name of the picture's file.
_FILE_NAME = re.compile(r"^\S*\.(?:png|jpe?g|gif|bmp|tiff?|webp|svg|[ew]mf)$", re.IGNORECASE)


class Drawn(Enum):
    """The kinds of drawn things that say something."""

    BOX = "box"
    PICTURE = "picture"
    CHART = "chart"
    SMART_ART = "smart art"
    WORD_ART = "word art"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class DrawnObject:
    """One drawn thing: the element it is, the id of the part behind it, and the words its author gave it."""

    kind: Drawn
    element: Any
    relation: str | None = None
    alt: str = ""


def alternative(content: Any) -> Any:
    """Return the one branch of an ``mc:AlternateContent`` to read: the first choice that has words or a picture."""
    choices = content.findall(f"{MC}Choice")
    for choice in choices:
        if next(choice.iter(f"{W}t", f"{A}t", f"{M}t", f"{A}blip", f"{C}chart", f"{DGM}relIds"), None) is not None:
            return choice
    fallback = content.find(f"{MC}Fallback")
    return fallback if fallback is not None else next(iter(choices), None)


def drawn_objects(element: Any, alt: str = "") -> Iterator[DrawnObject]:
    """Yield the drawn things below an element in order, without those inside text boxes."""
    pending = [(element, alt)]
    while pending:
        current, words = pending.pop()
        if current.tag == f"{MC}AlternateContent":
            branch = alternative(current)
            if branch is not None:
                pending.append((branch, words))
            continue
        found = _as_object(current, words)
        if found is not None:
            yield found
            if found.kind in {Drawn.BOX, Drawn.OBJECT}:
                continue
        words = _alt_of(current) or words
        pending.extend((child, words) for child in reversed(current) if isinstance(child.tag, str))


def _as_object(element: Any, alt: str) -> DrawnObject | None:
    tag = element.tag
    if tag == f"{W}txbxContent":
        return DrawnObject(Drawn.BOX, element)
    if tag == f"{A}blip":
        return DrawnObject(Drawn.PICTURE, element, element.get(f"{R}embed"), alt)
    if tag == f"{_VML}imagedata":
        return DrawnObject(Drawn.PICTURE, element, element.get(f"{R}id"), alt)
    if tag == f"{C}chart" and element.get(f"{R}id"):
        return DrawnObject(Drawn.CHART, element, element.get(f"{R}id"), alt)
    if tag == f"{DGM}relIds":
        return DrawnObject(Drawn.SMART_ART, element, element.get(f"{R}dm"), alt)
    if tag == f"{_VML}textpath" and (element.get("string") or "").strip():
        return DrawnObject(Drawn.WORD_ART, element, alt=element.get("string") or "")
    if tag == f"{_OFFICE}OLEObject":
        return DrawnObject(Drawn.OBJECT, element, alt=element.get("ProgID") or "")
    return None


def _alt_of(element: Any) -> str:
    """Return what an author wrote to describe a drawing; names that programs give are none."""
    if isinstance(element.tag, str) and element.tag.endswith(("}docPr", "}cNvPr")):
        return _words(element)
    properties = next((c for c in element if isinstance(c.tag, str) and c.tag.endswith("}docPr")), None)
    if properties is None:
        inner = next(
            (c for c in element if isinstance(c.tag, str) and c.tag.endswith(("}nvPicPr", "}nvGraphicFramePr"))), None
        )
        properties = next(iter(inner), None) if inner is not None else None
    return (
        _words(properties)
        if properties is not None
        else (element.get("alt") or "" if element.tag == f"{_VML}shape" else "")
    )


def _words(properties: Any) -> str:
    words = " ".join((properties.get("descr") or properties.get("title") or "").split())
    return "" if _FILE_NAME.search(words) else words


class ObjectWriter:
    """Writes drawn things that are no text boxes; what cannot be read is said."""

    def __init__(self, package: Package, builder: TextBuilder, figures: EmbeddedFigures) -> None:
        self._package = package
        self._builder = builder
        self._figures = figures

    def keep_picture(self, drawn: DrawnObject, part: str) -> None:
        """Keep the bytes of a picture of ``part`` as a figure."""
        target = self._package.target(part, drawn.relation)
        self._figures.add(self._package.content(target) if target else None, drawn.alt)

    def write(self, drawn: DrawnObject, part: str) -> None:
        """Write one drawn thing of ``part``."""
        if drawn.kind is Drawn.CHART:
            self._chart(self._package.target(part, drawn.relation), drawn.alt)
        elif drawn.kind is Drawn.SMART_ART:
            self._smart_art(self._package.target(part, drawn.relation))
        elif drawn.kind is Drawn.WORD_ART:
            self._builder.block(BlockKind.PARAGRAPH, drawn.alt)
        elif drawn.kind is Drawn.OBJECT:
            self._object(drawn.alt)
        elif drawn.kind is Drawn.PICTURE:
            self._builder.block(BlockKind.FIGURE, drawn.alt)
            self.keep_picture(drawn, part)

    def _chart(self, part: str | None, alt: str) -> None:
        root = self._package.optional_xml(part) if part else None
        if root is None:
            self._builder.block(BlockKind.FIGURE, alt)
            return
        chart = read_chart(root)
        self._builder.block(BlockKind.FIGURE, ". ".join((*chart.titles, *([alt] if alt else ()))))
        self._builder.table(chart.rows)

    def _smart_art(self, part: str | None) -> None:
        root = self._package.optional_xml(part) if part else None
        points = read_smart_art(root) if root is not None else []
        if not points:
            self._builder.warn(
                "diagram_not_read",
                DIAGRAM,
                self._builder.page,
            )
        for place, (level, text) in enumerate(points):
            self._builder.block(BlockKind.LIST_ITEM, f"- {text}", level=level + 1, tight=place > 0)

    def _object(self, program: str) -> None:
        if program.lower().startswith("equation"):
            self._builder.warn("formula_not_read", OLD_EQUATION, self._builder.page)
        else:
            said = OBJECT_OF.format(program=program) if program else OBJECT
            self._builder.warn("embedded_object_not_read", said, self._builder.page)


def equation_latex(equation: Any, builder: TextBuilder) -> str:
    """Return the LaTeX of an equation; one too deep to be written is given as its bare characters, and that is said."""
    return written_or_flat(equations, equation, builder)
