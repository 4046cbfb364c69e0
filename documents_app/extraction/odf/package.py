"""The parts of an OpenDocument file and what its styles say."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from documents_app.domain.blocks import BlockKind, MarkKind
from documents_app.domain.errors import CorruptFile, EncryptedFile
from documents_app.extraction import archive, style_names
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.markup import safe_xml

_NAMESPACES = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE, TEXT, TABLE, DRAW, STYLE, FO, SVG, PRESENTATION = (
    f"{{{_NAMESPACES}{name}:1.0}}"
    for name in ("office", "text", "table", "drawing", "style", "xsl-fo-compatible", "svg-compatible", "presentation")
)
XLINK = "{http://www.w3.org/1999/xlink}"
MATH = "{http://www.w3.org/1998/Math/MathML}"
_META = {
    "{http://purl.org/dc/elements/1.1/}title": "title",
    "{http://purl.org/dc/elements/1.1/}creator": "author",
}
_MAX_PARENTS = 10


@dataclass(frozen=True, slots=True)
class TextStyle:
    """What is set for a stretch of text; None where nothing is said."""

    script: MarkKind | None = None
    strong: bool | None = None
    hidden: bool | None = None
    font: str | None = None


class OpenDocument:
    """One open file: its content, its parts and its styles by family and name."""

    def __init__(self, opened: zipfile.ZipFile) -> None:
        self._archive = opened
        self._names = {name.replace("\\", "/"): name for name in opened.namelist()}
        manifest = self.part("META-INF/manifest.xml")
        if manifest is not None and any(str(e.tag).endswith("}encryption-data") for e in manifest.iter()):
            raise EncryptedFile
        content = self.part("content.xml")
        if content is None:
            raise CorruptFile(reason="its content is missing")
        self.content = content
        roots = [root for root in (content, self.part("styles.xml")) if root is not None]
        self._styles: dict[tuple[str, str], Any] = {}
        self.list_styles: dict[str, Any] = {}
        for root in roots:
            for style in root.iter(f"{STYLE}style"):
                self._styles.setdefault((style.get(f"{STYLE}family") or "", style.get(f"{STYLE}name") or ""), style)
            for style in root.iter(f"{TEXT}list-style"):
                self.list_styles.setdefault(style.get(f"{STYLE}name") or "", style)
        self.text_style = cache(self._text_style)
        self.paragraph_kind = cache(self._paragraph_kind)
        self.heading_level = cache(self._heading_level)

    def body(self, kind: str) -> Any:
        """Return the element that holds a document of a kind; raises CorruptFile if the content is none."""
        found = self.content.find(f"{OFFICE}body/{OFFICE}{kind}")
        if found is None:
            raise CorruptFile(reason="its content is not of the kind it declares")
        return found

    def part(self, name: str) -> Any:
        """Return the root of a part, or None if there is none."""
        data = self.entry(name)
        return None if data is None else safe_xml(data, huge=True)

    def entry(self, name: str) -> bytes | None:
        """Return the bytes of an entry, or None if there is none."""
        stored = self._names.get(posixpath.normpath(name))
        if stored is None:
            return None
        try:
            return self._archive.read(stored)
        except archive.UNREADABLE as error:
            raise CorruptFile(reason="an entry of its archive is damaged") from error

    def properties(self) -> dict[str, str]:
        """Return title and author, as far as they are given."""
        root = self.part("meta.xml")
        found = {}
        for element in root.iter(*_META) if root is not None else ():
            text = " ".join((element.text or "").split())
            if text:
                found[_META[element.tag]] = text[:1000]
        return found

    def style(self, family: str, name: str | None) -> Any:
        """Return a style element, or None."""
        return self._styles.get((family, name or ""))

    def chain(self, family: str, name: str | None) -> Iterator[Any]:
        """Yield a style and those it is derived from."""
        for _ in range(_MAX_PARENTS):
            style = self.style(family, name)
            if style is None:
                return
            yield style
            name = style.get(f"{STYLE}parent-style-name")

    def _text_style(self, family: str, name: str | None) -> TextStyle:
        script: MarkKind | None = None
        strong = hidden = None
        font: str | None = None
        for style in self.chain(family, name):
            properties = style.find(f"{STYLE}text-properties")
            if properties is None:
                continue
            script = script or _script(properties.get(f"{STYLE}text-position") or "")
            if strong is None:
                strong = _strong(properties)
            if hidden is None and properties.get(f"{TEXT}display") is not None:
                hidden = properties.get(f"{TEXT}display") == "none"
            font = font or properties.get(f"{STYLE}font-name") or properties.get(f"{FO}font-family")
        return TextStyle(script, strong, hidden, font)

    def _paragraph_kind(self, name: str | None) -> BlockKind:
        for style in self.chain("paragraph", name):
            kind = style_names.paragraph_kind(_display_name(style))
            if kind is not BlockKind.PARAGRAPH:
                return kind
        return BlockKind.PARAGRAPH

    def _heading_level(self, name: str | None) -> int:
        for style in self.chain("paragraph", name):
            level = style_names.heading_level(_display_name(style))
            if level:
                return level
        return 0


@contextmanager
def opened(source: bytes | Path, limits: ExtractionLimits) -> Iterator[OpenDocument]:
    """Check an archive and open it; raises what ``archive.check`` raises, and EncryptedFile for one under a password."""
    archive.check(source, limits, allow_doctype=True)
    with archive.opened(source) as packed:
        yield OpenDocument(packed)


def number(element: Any, name: str, default: int = 1) -> int:
    """Return a whole number among the attributes of an element."""
    value = element.get(name) or ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else default


def _display_name(style: Any) -> str:
    name = style.get(f"{STYLE}display-name") or style.get(f"{STYLE}name") or ""
    return name.replace("_20_", " ")


def _script(position: str) -> MarkKind | None:
    """Read a position like "super 58%" or "-33% 58%"."""
    first = position.split(" ")[0]
    if first == "super" or (first.rstrip("%").replace(".", "").isdecimal() and first.rstrip("%").strip("0.")):
        return MarkKind.SUPERSCRIPT
    return MarkKind.SUBSCRIPT if first == "sub" or first.startswith("-") else None


def _strong(properties: Any) -> bool | None:
    weight, slant = properties.get(f"{FO}font-weight"), properties.get(f"{FO}font-style")
    if weight is None and slant is None:
        return None
    return weight == "bold" or slant == "italic"
