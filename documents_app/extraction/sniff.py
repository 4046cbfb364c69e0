"""What a file is, by its content. The name only chooses among plain-text formats that look alike."""

from __future__ import annotations

import json
import re
import zipfile
from enum import StrEnum
from io import BytesIO
from pathlib import Path, PurePosixPath

from documents_app.domain.errors import CorruptFile, EmptyFile, EncryptedFile, TypeMismatch, UnsupportedType

HEAD_BYTES = 64 * 1024
_PDF_WINDOW = 1024
_PDF = re.compile(rb"%PDF-\d")
_BINARY_SUFFIXES = frozenset(
    {".pdf", ".docx", ".pptx", ".xlsx", ".epub", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".gif", ".bmp", ".webp"}
)


class Format(StrEnum):
    """The formats an extractor exists for."""

    PDF = "pdf"
    DOCX = "docx"
    PPTX = "pptx"
    XLSX = "xlsx"
    CSV = "csv"
    EPUB = "epub"
    HTML = "html"
    MARKDOWN = "markdown"
    TEXT = "text"
    NOTEBOOK = "notebook"
    IMAGE = "image"


_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OFFICE_PARTS = (("word/", Format.DOCX), ("ppt/", Format.PPTX), ("xl/", Format.XLSX))
_IMAGE_MARKS = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*", b"BM")
_HTML = re.compile(
    rb"\A\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|title|meta|article|div|h1|p)\b",
    re.IGNORECASE | re.DOTALL,
)
_FOREIGN_TEXT = (
    (b"{\\rtf", "an RTF document"),
    (b"%!PS", "a PostScript file"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML file"),
)
_TEXT_SUFFIXES = {
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".mkd": Format.MARKDOWN,
    ".mdown": Format.MARKDOWN,
    ".rmd": Format.MARKDOWN,
    ".qmd": Format.MARKDOWN,
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
}
_MARKDOWN_SIGNS = re.compile(rb"^(?:#{1,6} \S|```|[-*] \S|\d+\. \S|\|.+\|\s*$|> \S)|\]\(\S+\)|\*\*\S", re.MULTILINE)


def sniff(source: bytes | Path, filename: str) -> Format:
    """Return the format of a file by its content.

    Raises EmptyFile, EncryptedFile (office files under a password), CorruptFile (an archive that cannot be listed),
    UnsupportedType, which names what was found, or TypeMismatch for bytes that are nothing their name says.
    """
    head = read_head(source)
    if not head:
        raise EmptyFile
    suffix = PurePosixPath(filename.replace("\\", "/")).suffix.lower()
    if _PDF.search(head, 0, len(head) if suffix == ".pdf" else _PDF_WINDOW):
        return Format.PDF
    if head.startswith(_ZIP):
        return _sniff_archive(source)
    if head.startswith(_OLE2):
        return _refuse_ole2(head)
    if _is_image(head):
        return Format.IMAGE
    if not _is_text(head):
        found = _puremagic_name(head)
        if suffix in _BINARY_SUFFIXES and not found:
            raise TypeMismatch(claimed=suffix[1:].upper())
        raise UnsupportedType(found=found or "of an unknown kind")
    return _sniff_text(head, source, suffix)


def read_head(source: bytes | Path, size: int = HEAD_BYTES) -> bytes:
    """Return the first ``size`` bytes."""
    if isinstance(source, bytes):
        return source[:size]
    with source.open("rb") as file:
        return file.read(size)


def _sniff_archive(source: bytes | Path) -> Format:
    try:
        with zipfile.ZipFile(BytesIO(source) if isinstance(source, bytes) else source) as archive:
            names = archive.namelist()
            if "mimetype" in names or "META-INF/container.xml" in names:
                kind = archive.read("mimetype")[:64].strip() if "mimetype" in names else b"application/epub+zip"
                if kind.startswith(b"application/epub"):
                    return Format.EPUB
                if b"opendocument" in kind:
                    raise UnsupportedType(found="an OpenDocument file")
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, KeyError, EOFError) as error:
        raise CorruptFile(reason="its archive cannot be opened") from error
    for prefix, kind_of_office in _OFFICE_PARTS:
        if any(name.startswith(prefix) for name in names):
            return kind_of_office
    raise UnsupportedType(found="a ZIP archive")


def _refuse_ole2(head: bytes) -> Format:
    if "EncryptedPackage".encode("utf-16-le") in head:
        raise EncryptedFile
    raise UnsupportedType(found="a document of an old office program (DOC, XLS or PPT)")


def _is_image(head: bytes) -> bool:
    if not head.startswith(_IMAGE_MARKS) and head[8:12] != b"WEBP":
        return False
    return head[:2] != b"BM" or (head[6:10] == b"\0\0\0\0" and not _is_text(head))


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return True
    sample = head[:8192]
    if 0 in sample:
        odd, even = sample[1::2].count(0), sample[0::2].count(0)
        half = len(sample) // 2 or 1
        wide = max(odd, even) > 0.4 * half and min(odd, even) < 0.1 * half
        if not wide and sample.count(0) > 0.05 * len(sample) + 1:
            return False
        return wide or _printable_share(sample.replace(b"\0", b"")) > 0.95
    return _printable_share(sample) > 0.95


def _printable_share(sample: bytes) -> float:
    controls = sum(sample.count(code) for code in (*range(9), 11, *range(14, 27), *range(28, 32), 127))
    return 1 - controls / max(len(sample), 1)


def _puremagic_name(head: bytes) -> str:
    """Return the name of a foreign binary format, or an empty string."""
    import puremagic

    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError, IndexError):
        return ""
    return next((match.name for match in matches if match.name), "")


def _sniff_text(head: bytes, source: bytes | Path, suffix: str) -> Format:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"{") and (b'"nbformat"' in head or b'"cells"' in head or suffix == ".ipynb"):
        return Format.NOTEBOOK if suffix == ".ipynb" or _is_notebook(source) else Format.TEXT
    if _HTML.match(text[:4096]):
        return Format.HTML
    foreign = next((found for mark, found in _FOREIGN_TEXT if text.startswith(mark)), None)
    if foreign:
        raise UnsupportedType(found=foreign)
    if suffix in _TEXT_SUFFIXES:
        return _TEXT_SUFFIXES[suffix]
    if suffix in {".html", ".htm", ".xhtml"}:
        return Format.HTML
    if suffix == ".ipynb":
        raise CorruptFile(reason="it is named as a notebook and is not one")
    if suffix not in {".txt", ".text", ""} and len(_MARKDOWN_SIGNS.findall(text)) >= 5:
        return Format.MARKDOWN
    return Format.TEXT


def _is_notebook(source: bytes | Path) -> bool:
    try:
        parsed = json.loads(source if isinstance(source, bytes) else source.read_bytes())
    except (ValueError, RecursionError):
        return False
    return isinstance(parsed, dict) and "cells" in parsed and "nbformat" in parsed
