"""Word documents: headings by style, lists, tables, footnotes; pages where Word last broke them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from documents_app.domain.blocks import BlockKind
from documents_app.domain.errors import CorruptFile
from documents_app.domain.material import DocumentText
from documents_app.extraction import archive
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.markup import safe_xml

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SKIPPED = frozenset({f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}pPr", f"{_W}rPr", _FALLBACK})
_HEADING_STYLE = re.compile(r"(?:heading|überschrift|titre|título|titolo|kop|rubrik)\s*([1-9])", re.IGNORECASE)
_BULLETS = frozenset({"bullet", "none"})
_MAX_DEPTH = 40


def extract_docx(source: bytes | Path, limits: ExtractionLimits) -> DocumentText:
    """Return the stored form of a Word document; raises CorruptFile for an archive that is none."""
    archive.check(source, limits)
    from docx import Document
    from docx.opc.exceptions import OpcError
    from lxml import etree

    try:
        document = Document(BytesIO(source) if isinstance(source, bytes) else str(source))
        reading = _Reading(document, limits)
        reading.body(document.element.body)
        reading.notes(document.part)
    except (OpcError, etree.XMLSyntaxError, *archive.UNREADABLE, KeyError, AttributeError, TypeError) as error:
        raise CorruptFile(reason="its parts do not make up a Word document") from error
    return reading.builder.build(_properties(document) or {})


def _properties(document: Any) -> dict[str, str]:
    try:
        properties = document.core_properties
        found = {"title": properties.title, "author": properties.author}
    except (ValueError, KeyError, AttributeError):
        return {}
    return {name: str(value)[:1000] for name, value in found.items() if value}


class _Reading:
    def __init__(self, document: Any, limits: ExtractionLimits) -> None:
        self.builder = TextBuilder(limits)
        self._levels = _heading_levels(document)
        self._list_styles = _list_styles(document)
        self._formats = _list_formats(document)
        self._counters: dict[tuple[str, int], int] = defaultdict(int)
        self._after_list = False

    def body(self, element: Any, depth: int = 0) -> None:
        """Write the block elements below ``element``."""
        if depth > _MAX_DEPTH:
            return
        for child in element:
            if child.tag == f"{_W}p":
                self._paragraph(child, depth)
            elif child.tag == f"{_W}tbl":
                self._table(child)
            elif isinstance(child.tag, str) and child.tag not in _SKIPPED and child.tag != f"{_W}sectPr":
                self.body(child, depth + 1)

    def notes(self, part: Any) -> None:
        """Append footnotes and endnotes."""
        for relation in part.rels.values():
            if relation.is_external or not relation.reltype.endswith(("/footnotes", "/endnotes")):
                continue
            for note in safe_xml(relation.target_part.blob):
                if note.get(f"{_W}type") is None:
                    text = " ".join("".join(_runs(paragraph)) for paragraph in note.iter(f"{_W}p"))
                    self.builder.block(BlockKind.FOOTNOTE, text)

    def _paragraph(self, paragraph: Any, depth: int) -> None:
        text = "".join(_runs(paragraph))
        before, *after = text.split("\f")
        properties = paragraph.find(f"{_W}pPr")
        level = self._level(properties)
        depth_in_list, marker = (0, "") if level else self._marker(properties)
        for place, piece in enumerate([before, *after]):
            if place:
                self.builder.end_page()
            if level:
                self.builder.heading(level, piece)
            elif marker and piece.strip():
                tight = self._after_list
                self.builder.block(BlockKind.LIST_ITEM, marker + piece.strip(), level=depth_in_list, tight=tight)
                self._after_list = True
                marker = ""
            elif piece.strip():
                self.builder.block(BlockKind.PARAGRAPH, piece.strip())
                self._after_list = False
        for box in paragraph.iter(f"{_W}txbxContent"):
            if not any(True for _ in box.iterancestors(_FALLBACK)) and depth < 3:
                self.body(box, depth + 1)

    def _level(self, properties: Any) -> int:
        if properties is None:
            return 0
        outline = properties.find(f"{_W}outlineLvl")
        if outline is not None:
            value = outline.get(f"{_W}val") or ""
            if value.isdigit() and int(value) < 9:
                return int(value) + 1
        style = properties.find(f"{_W}pStyle")
        return self._levels.get(style.get(f"{_W}val") or "", 0) if style is not None else 0

    def _marker(self, properties: Any) -> tuple[int, str]:
        """Return the depth of a list item, from 1, and its marker; (0, "") for a paragraph that is none."""
        key, level = self._list_place(properties)
        if key in {"", "0"} or not 0 <= level < 9:
            return 0, ""
        if self._formats.get((key, level), "bullet") in _BULLETS:
            return level + 1, "- "
        self._counters[key, level] += 1
        for deeper in range(level + 1, 9):
            self._counters[key, deeper] = 0
        return level + 1, f"{self._counters[key, level]}. "

    def _list_place(self, properties: Any) -> tuple[str, int]:
        """Return the list id and depth of a paragraph, its own or its style's."""
        if properties is None:
            return "", 0
        numbering = properties.find(f"{_W}numPr")
        if numbering is None:
            style = properties.find(f"{_W}pStyle")
            return self._list_styles.get(style.get(f"{_W}val") or "", ("", 0)) if style is not None else ("", 0)
        return _numbering(numbering)

    def _table(self, table: Any) -> None:
        self.builder.table([_cell_text(cell) for cell in row.iter(f"{_W}tc")] for row in table.iter(f"{_W}tr"))


def _runs(element: Any, depth: int = 0) -> Iterator[str]:
    """Yield the visible text of a paragraph; page breaks come as form feeds."""
    if depth > _MAX_DEPTH:
        return
    for child in element:
        tag = child.tag
        if tag in (f"{_W}t", f"{_M}t"):
            yield child.text or ""
        elif tag == f"{_W}tab":
            yield " "
        elif tag in (f"{_W}br", f"{_W}cr"):
            yield "\f" if child.get(f"{_W}type") == "page" else "\n"
        elif tag == f"{_W}lastRenderedPageBreak":
            yield "\f"
        elif tag == f"{_W}noBreakHyphen":
            yield "-"
        elif tag == f"{_W}txbxContent" or tag in _SKIPPED:
            continue
        elif isinstance(tag, str):
            yield from _runs(child, depth + 1)


def _cell_text(cell: Any) -> str:
    return " ".join("".join(_runs(paragraph)) for paragraph in cell.iter(f"{_W}p")).replace("\f", " ")


def _heading_levels(document: Any) -> dict[str, int]:
    """Map style ids to heading levels, by outline level or by name, through at most ten base styles."""
    styles = {style.get(f"{_W}styleId"): style for style in document.styles.element.iter(f"{_W}style")}
    levels = {}
    for name in styles:
        level = _style_level(styles, name)
        if name and level:
            levels[name] = level
    return levels


def _style_level(styles: dict[Any, Any], name: Any) -> int:
    for _ in range(10):
        style = styles.get(name)
        if style is None:
            return 0
        outline = style.find(f"{_W}pPr/{_W}outlineLvl")
        if outline is not None and (outline.get(f"{_W}val") or "").isdigit():
            level = int(outline.get(f"{_W}val")) + 1
            return level if level <= 9 else 0
        label = style.find(f"{_W}name")
        title = (label.get(f"{_W}val") or "") if label is not None else ""
        matched = _HEADING_STYLE.match(title)
        if matched:
            return int(matched[1])
        if title.lower() == "title":
            return 1
        base = style.find(f"{_W}basedOn")
        name = base.get(f"{_W}val") if base is not None else None
    return 0


def _numbering(element: Any) -> tuple[str, int]:
    number, depth = element.find(f"{_W}numId"), element.find(f"{_W}ilvl")
    level = (depth.get(f"{_W}val") or "0") if depth is not None else "0"
    return (number.get(f"{_W}val") or "") if number is not None else "", int(level) if level.isdigit() else 0


def _list_styles(document: Any) -> dict[str, tuple[str, int]]:
    """Map ids of paragraph styles to the list id and depth they carry."""
    styles = {}
    for style in document.styles.element.iter(f"{_W}style"):
        numbering = style.find(f"{_W}pPr/{_W}numPr")
        if numbering is not None:
            styles[style.get(f"{_W}styleId") or ""] = _numbering(numbering)
    return styles


def _list_formats(document: Any) -> dict[tuple[str, int], str]:
    """Map (list id, depth) to its number format; no numbering part, no entries."""
    try:
        root = document.part.numbering_part.element
    except (KeyError, NotImplementedError):
        return {}
    abstract: dict[str, dict[int, str]] = {}
    for definition in root.iter(f"{_W}abstractNum"):
        levels = {}
        for level in definition.iter(f"{_W}lvl"):
            form = level.find(f"{_W}numFmt")
            depth = level.get(f"{_W}ilvl") or ""
            if form is not None and depth.isdigit():
                levels[int(depth)] = form.get(f"{_W}val") or "bullet"
        abstract[definition.get(f"{_W}abstractNumId") or ""] = levels
    formats = {}
    for number in root.iter(f"{_W}num"):
        reference = number.find(f"{_W}abstractNumId")
        levels = abstract.get((reference.get(f"{_W}val") or "") if reference is not None else "", {})
        for depth, form_name in levels.items():
            formats[number.get(f"{_W}numId") or "", depth] = form_name
    return formats
