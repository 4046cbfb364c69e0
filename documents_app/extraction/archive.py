"""Checks on ZIP-based formats before any library opens them, by unpacking in a stream and counting."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from documents_app.domain.errors import CorruptFile, EncryptedFile, ExpandedTooLarge, HostileArchive, UnsafeMarkup
from documents_app.extraction.limits import MEBIBYTE, ExtractionLimits

_BLOCK = 1024 * 1024
_MAX_NAME = 1_000
_RATIO_FROM = 8 * MEBIBYTE
_MARKUP = (".xml", ".rels", ".opf", ".ncx", ".vml")
_DECLARATION = re.compile(rb"<!\s*(?:ENTITY|DOCTYPE)", re.IGNORECASE)
_DOCUMENT_TYPE_ONLY = re.compile(rb"<!\s*ENTITY", re.IGNORECASE)
ENCRYPTED_FLAG = 0x1
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError)
MOST_OF_CONTENTS = 4 * MEBIBYTE
"""Bytes of an archive's table of contents. It is read whole, also by the web, before anything in it can be judged; that
of 20,000 entries with names of 100 letters takes 3 MB."""


@contextmanager
def opened(source: bytes | Path) -> Iterator[zipfile.ZipFile]:
    """Open an archive for reading; raises CorruptFile if it cannot be listed, HostileArchive if that would take long."""
    with BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        try:
            # The library's own reading of the end of the file: what is bounded is what it would go on to read.
            end = zipfile._EndRecData(file)  # type: ignore[attr-defined]
            if end and end[zipfile._ECD_SIZE] > MOST_OF_CONTENTS:  # type: ignore[attr-defined]
                raise HostileArchive(reason=f"it lists {end[zipfile._ECD_ENTRIES_TOTAL]} entries")  # type: ignore[attr-defined]
            archive = zipfile.ZipFile(file)
        except UNREADABLE as error:
            raise CorruptFile(reason="its archive cannot be opened") from error
        with archive:
            yield archive


def check(source: bytes | Path, limits: ExtractionLimits, *, allow_doctype: bool = False) -> None:
    """Unpack every entry once, keeping nothing, and refuse what is not safe to hand to a library.

    Raises HostileArchive, ExpandedTooLarge, EncryptedFile, CorruptFile, or UnsafeMarkup for markup that declares
    entities (and, unless ``allow_doctype``, any document type: Office Open XML forbids it, ECMA-376 part 2).
    """
    with opened(source) as archive:
        entries = archive.infolist()
        if len(entries) > limits.max_entries:
            raise HostileArchive(reason=f"it has {len(entries)} entries")
        names = [entry.filename for entry in entries]
        if len(set(names)) < len(names):
            raise HostileArchive(reason="two entries have one name")
        if any(len(name) > _MAX_NAME for name in names):
            raise HostileArchive(reason="an entry's name is too long")
        left = limits.max_expanded_bytes
        for entry in entries:
            if entry.flag_bits & ENCRYPTED_FLAG:
                raise EncryptedFile
            left -= _unpacked_size(archive, entry, left, limits, allow_doctype)


def _unpacked_size(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int, limits: ExtractionLimits, allow_doctype: bool
) -> int:
    unpacked = 0
    forbidden = _DOCUMENT_TYPE_ONLY if allow_doctype else _DECLARATION
    markup = entry.filename.lower().endswith(_MARKUP)
    try:
        with archive.open(entry) as stream:
            while block := stream.read(_BLOCK):
                if markup and not unpacked and forbidden.search(block[: 64 * 1024].replace(b"\x00", b"")):
                    raise UnsafeMarkup(reason="it declares entities or a document type")
                unpacked += len(block)
                if unpacked > left:
                    raise ExpandedTooLarge(limit=limits.max_expanded_bytes, unit="bytes")
                if unpacked > _RATIO_FROM and unpacked > limits.max_compression_ratio * max(entry.compress_size, 1):
                    raise HostileArchive(reason="its content is compressed beyond reason")
    except UNREADABLE as error:
        raise CorruptFile(reason="an entry of its archive is damaged") from error
    return unpacked
