"""What a ZIP archive is: an office file, a book, or something else, by what it declares its main part to be."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection
from pathlib import Path

from documents_app.domain.errors import CorruptFile, EncryptedFile, UnsupportedType
from documents_app.extraction.archive import ENCRYPTED_FLAG, UNREADABLE, opened
from documents_app.extraction.formats import Format

_MAX_DECLARATION = 1024 * 1024
_CONTENT_TYPE = re.compile(r"""ContentType\s*=\s*["']([^"']+)["']""")
# Documents, templates, shows and their forms with macros differ in the type of their main part, not in what stands in it.
_MAIN_PARTS = (
    (re.compile(r"(?:wordprocessingml|ms-word)\.(?:document|template)\.[^ ]*main\+xml", re.IGNORECASE), Format.DOCX),
    (
        re.compile(
            r"(?:presentationml|ms-powerpoint)\.(?:presentation|template|slideshow)\.[^ ]*main\+xml", re.IGNORECASE
        ),
        Format.PPTX,
    ),
    (
        re.compile(r"(?:spreadsheetml|ms-excel)\.(?:sheet|template)\.(?!binary)[^ ]*main\+xml", re.IGNORECASE),
        Format.XLSX,
    ),
)
_XLSB = "a binary workbook (XLSB)"
_OTHER_MAIN_PARTS = (
    ("ms-excel.sheet.binary", _XLSB),
    ("ms-visio", "a Visio drawing"),
    ("addin.macroEnabled", "an add-in of an office program"),
)
_FOLDERS = (("word/", Format.DOCX), ("ppt/", Format.PPTX), ("xl/", Format.XLSX))
_FOREIGN_ENTRIES = (
    ("Index/Document.iwa", "a document of Pages, Numbers or Keynote"),
    ("AndroidManifest.xml", "an Android application"),
    ("META-INF/MANIFEST.MF", "a Java archive"),
)
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_OPEN_DOCUMENTS = (
    ("text", Format.ODT),
    ("presentation", Format.ODP),
    ("graphics", Format.ODP),
    ("spreadsheet", Format.ODS),
)


def archive_format(source: bytes | Path, suffix: str) -> Format:
    """Return the format of a ZIP archive.

    Raises CorruptFile if it cannot be listed, HostileArchive if that would take long, and UnsupportedType, which names
    what was found, for any other archive.
    """
    try:
        with opened(source) as archive:
            # Some programs write the separator of their own system.
            entries = {entry.filename.replace("\\", "/"): entry for entry in archive.infolist()}
            kind = _read(archive, entries.get("mimetype")).strip()
            types = _CONTENT_TYPE.findall(_read(archive, entries.get("[Content_Types].xml")))
    except UNREADABLE as error:
        raise CorruptFile(reason="its archive cannot be opened") from error
    if kind.startswith("application/epub") or (not kind and "META-INF/container.xml" in entries):
        return Format.EPUB
    if kind.startswith(_OPEN_DOCUMENT):
        return _open_document_format(kind.removeprefix(_OPEN_DOCUMENT))
    return _office_format(entries, types, suffix)


def _open_document_format(kind: str) -> Format:
    known = next((found for name, found in _OPEN_DOCUMENTS if kind.startswith(name)), None)
    if known is None:
        raise UnsupportedType(found=f"an OpenDocument file of the kind {kind[:40]}")
    return known


def _office_format(names: Collection[str], types: list[str], suffix: str) -> Format:
    declared = " ".join(types)
    foreign = next((found for mark, found in _OTHER_MAIN_PARTS if mark in declared), None)
    if foreign:
        raise UnsupportedType(found=foreign)
    by_type = next((kind for form, kind in _MAIN_PARTS if form.search(declared)), None)
    kind = by_type or _kind_of_folders(names)
    if kind is None:
        found = next((found for entry, found in _FOREIGN_ENTRIES if entry in names), "a ZIP archive")
        raise UnsupportedType(found=found)
    if kind is Format.XLSX and suffix == ".xlsb" and "xl/workbook.xml" not in names:
        raise UnsupportedType(found=_XLSB)
    return kind


def _kind_of_folders(names: Collection[str]) -> Format | None:
    """Return the format whose folder an archive has that declares no main part."""
    return next((kind for folder, kind in _FOLDERS if any(name.startswith(folder) for name in names)), None)


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo | None) -> str:
    """Return the beginning of an entry as text, in whichever form of Unicode it is written; "" if it cannot be read."""
    if entry is None:
        return ""
    if entry.flag_bits & ENCRYPTED_FLAG:
        raise EncryptedFile
    try:
        with archive.open(entry) as stream:
            return stream.read(_MAX_DECLARATION).replace(b"\x00", b"").decode("utf-8", "replace")
    except UNREADABLE:
        return ""
