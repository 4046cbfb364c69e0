"""EPUB: the chapters of the spine in order, one page each."""

from __future__ import annotations

import posixpath
import re
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from documents_app.domain.errors import CorruptFile, EncryptedFile, NoPages, TooManyPages
from documents_app.domain.material import DocumentText
from documents_app.extraction import archive
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.decode import decode
from documents_app.extraction.html.parsing import parse
from documents_app.extraction.html.writing import write_html
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.markup import safe_xml
from documents_app.extraction.notes import CHAPTER_MISSING

_MAX_NAMED = 50
_ENCODING = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?(?P<name>[A-Za-z0-9_-]{2,30})""", re.IGNORECASE)
_CHAPTER_TYPES = frozenset({"application/xhtml+xml", "text/html", "application/xml", "text/x-oeb1-document"})


def extract_epub(source: bytes | Path, limits: ExtractionLimits) -> DocumentText:
    """Return the stored form of a book; raises EncryptedFile if its chapters are under rights management."""
    archive.check(source, limits, allow_doctype=True)
    with archive.opened(source) as book:
        package_path = _package_path(book)
        package = safe_xml(_read(book, package_path), recover=True)
        chapters = _chapters(package, posixpath.dirname(package_path))
        if not chapters:
            raise NoPages
        if len(chapters) > limits.max_pages:
            raise TooManyPages(pages=len(chapters), limit=limits.max_pages)
        if set(chapters) & _encrypted_paths(book):
            raise EncryptedFile
        builder = TextBuilder(limits)
        names = set(book.namelist())
        missing = [path for path in chapters if path not in names]
        present = [path for path in chapters if path in names]
        if not present:
            raise CorruptFile(reason="its chapters are missing")
        for place, path in enumerate(present):
            if place:
                builder.end_page()
            chapter = _read(book, path)
            if chapter.strip():
                write_html(parse(decode(chapter, _declared(chapter))[0]), builder)
    for path in missing[:_MAX_NAMED]:
        builder.warn("chapter_missing", CHAPTER_MISSING.format(path=path))
    metadata = _metadata(package)
    return builder.build(metadata, language=metadata.pop("language", None))


def _read(book: zipfile.ZipFile, path: str) -> bytes:
    try:
        return book.read(path)
    except (KeyError, *archive.UNREADABLE) as error:
        raise CorruptFile(reason="a part of the book is missing or damaged") from error


def _declared(chapter: bytes) -> str | None:
    """Return the encoding a chapter states; without one it is UTF-8 or UTF-16 by the rules of the format."""
    found = _ENCODING.search(chapter[:1024])
    return found["name"].decode("ascii") if found else None


def _package_path(book: zipfile.ZipFile) -> str:
    container = safe_xml(_read(book, "META-INF/container.xml"))
    for element in container.iter():
        if _name(element) == "rootfile" and element.get("full-path"):
            return _joined("", element.get("full-path"))
    raise CorruptFile(reason="it does not name its package")


def _chapters(package: Any, folder: str) -> list[str]:
    items: dict[str, tuple[str, str, str]] = {}
    order: list[str] = []
    for element in package.iter():
        name = _name(element)
        if name == "item":
            items[element.get("id") or ""] = (
                element.get("href") or "",
                element.get("media-type") or "",
                element.get("properties") or "",
            )
        elif name == "itemref":
            order.append(element.get("idref") or "")
    chapters = []
    for reference in order:
        href, kind, properties = items.get(reference, ("", "", ""))
        if href and kind in _CHAPTER_TYPES and "nav" not in properties.split():
            chapters.append(_joined(folder, href))
    return list(dict.fromkeys(chapters))


def _encrypted_paths(book: zipfile.ZipFile) -> set[str]:
    if "META-INF/encryption.xml" not in book.namelist():
        return set()
    root = safe_xml(_read(book, "META-INF/encryption.xml"), recover=True)
    return {_joined("", element.get("URI") or "") for element in root.iter() if _name(element) == "CipherReference"}


def _metadata(package: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for element in package.iter():
        name = _name(element)
        value = " ".join((element.text or "").split()) if isinstance(element.tag, str) else ""
        if name in {"title", "creator", "language"} and value:
            found.setdefault("author" if name == "creator" else name, value[:1000])
    return found


def _joined(folder: str, href: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(href.split("#")[0]))).lstrip("/")


def _name(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
