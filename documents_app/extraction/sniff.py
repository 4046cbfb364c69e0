"""What a file is, by its content; the name chooses among texts, since a text may be about anything."""

from __future__ import annotations

import json
import re
from pathlib import Path

from documents_app.domain.errors import CorruptFile, EmptyFile, EncryptedFile, TypeMismatch, UnsupportedType
from documents_app.extraction import formats
from documents_app.extraction.archive_kind import archive_format
from documents_app.extraction.formats import Format

HEAD_BYTES = 64 * 1024
_TAIL_BYTES = 1024
_PDF_WINDOW = 1024
_PDF = re.compile(rb"%PDF-\d")
_PDF_OBJECT = re.compile(rb"(?:^|[\r\n\s])\d+ \d+ obj\b")
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE2_STREAMS = (
    ("__substg1.0_", "an Outlook message (MSG)"),
    ("WordDocument", "a Word document of the old kind (DOC)"),
    ("PowerPoint Document", "a presentation of the old kind (PPT)"),
    ("Workbook", "a workbook of the old kind (XLS)"),
)
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_IMAGE_MARKS = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")
_HTML = re.compile(
    rb"\A(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|title|meta|article|div|h1|p)\b",
    re.IGNORECASE | re.DOTALL,
)
_WHOLE_HTML = re.compile(
    rb"\A(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
_RTF = b"{\\rtf"
_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*")
_MIME = re.compile(
    rb"^(?:MIME-Version:|Content-Type:\s*(?:multipart|message)/|Content-Transfer-Encoding:\s*(?:base64|quoted-printable))",
    re.IGNORECASE | re.MULTILINE,
)
_MAILBOX = re.compile(rb"From \S+.*\d{4}\r?\n[A-Za-z-]+:")
# What a text begins and ends with when it is nothing but markup of a kind, and the ending its name has.
_FOREIGN_TEXT = (
    (b"%!PS", b"%%EOF", ".ps", "a PostScript file"),
    (b"%!PS", b"%%EOF", ".eps", "a PostScript file"),
    (b"<svg", b"</svg>", ".svg", "an SVG drawing"),
    (b"<?xml", b">", ".xml", "an XML file"),
)
_MARKDOWN_SIGNS = (
    re.compile(rb"^(?:```|~~~)", re.MULTILINE),
    re.compile(rb"\]\(\S+\)"),
    re.compile(rb"\*\*\S"),
    re.compile(rb"^\|.+\|\s*$", re.MULTILINE),
    re.compile(rb"^#{1,6} \S", re.MULTILINE),
)


def sniff(source: bytes | Path, filename: str) -> Format:
    """Return the format of a file by its content; the name decides among texts, whatever they are about.

    Raises EmptyFile, EncryptedFile (office files under a password), CorruptFile (an archive that cannot be listed),
    UnsupportedType, which names what was found, or TypeMismatch for bytes that are nothing their name says.
    """
    head = read_head(source)
    if not head:
        raise EmptyFile
    suffix = formats.suffix_of(filename)
    is_text = _is_text(head)
    if _is_pdf(head, suffix, is_text):
        return Format.PDF
    if head.startswith(_ZIP):
        return archive_format(source, suffix)
    if head.startswith(_OLE2):
        return _refuse_ole2(head)
    if _is_image(head, is_text):
        return Format.IMAGE
    if not is_text:
        found = _puremagic_name(head)
        if suffix in formats.BINARY_SUFFIXES and not found:
            raise TypeMismatch(claimed=suffix[1:].upper())
        raise UnsupportedType(found=found or "of an unknown kind")
    return _sniff_text(head, source, filename)


def read_head(source: bytes | Path, size: int = HEAD_BYTES) -> bytes:
    """Return the first ``size`` bytes."""
    if isinstance(source, bytes):
        return source[:size]
    with source.open("rb") as file:
        return file.read(size)


def _is_pdf(head: bytes, suffix: str, is_text: bool) -> bool:
    """Whether a header of a PDF stands where it may and is more than a word of a text.

    Readers find the header anywhere in the first kilobyte, and in a file of that name after any junk. A file that is
    text and does not begin with it, or has no object after it, is a text about PDF.
    """
    if suffix == ".pdf":
        return _PDF.search(head) is not None
    found = _PDF.search(head, 0, _PDF_WINDOW)
    if found is None or not is_text:
        return found is not None
    return not head[: found.start()].strip(b"\xef\xbb\xbf \t\r\n") and _PDF_OBJECT.search(head, found.end()) is not None


def _refuse_ole2(head: bytes) -> Format:
    if "EncryptedPackage".encode("utf-16-le") in head:
        raise EncryptedFile
    streams = (found for stream, found in _OLE2_STREAMS if stream.encode("utf-16-le") in head)
    raise UnsupportedType(found=next(streams, "a document of an old office program (DOC, XLS or PPT)"))


def _is_image(head: bytes, is_text: bool) -> bool:
    if head.startswith(_IMAGE_MARKS):
        return True
    if head.startswith(b"BM"):
        return head[6:10] == b"\0\0\0\0" and not is_text
    return not is_text and (head.startswith((b"GIF87a", b"GIF89a")) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"))


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


def _sniff_text(head: bytes, source: bytes | Path, filename: str) -> Format:
    suffix = formats.suffix_of(filename)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if _is_notebook(text, head, source, suffix):
        return Format.NOTEBOOK
    ending = _read_tail(source).rstrip(b"\x00 \t\r\n")
    named_text = suffix in formats.TEXT_FORMATS or formats.code_language(filename, head) is not None

    def is_all(begin: bytes, end: bytes, *own_suffixes: str) -> bool:
        """Tell whether the file is markup of a kind: it begins so, and is named so or ends so and is not named a text."""
        return text.startswith(begin) and (suffix in own_suffixes or (not named_text and ending.endswith(end)))

    # A text may begin with markup that it is about, or that Markdown admits; a file of markup ends with markup too.
    html = _WHOLE_HTML if named_text else _HTML
    if suffix in formats.HTML_SUFFIXES or (ending.endswith(b">") and html.match(text[:4096]) and b"<?php" not in head):
        return Format.HTML
    if is_all(_RTF, b"}", ".rtf", ".doc"):
        return Format.RTF
    if _is_mail(text, suffix, named_text):
        return Format.MAIL
    for begin, end, own_suffix, found in _FOREIGN_TEXT:
        if is_all(begin, end, own_suffix):
            raise UnsupportedType(found=found)
    return formats.TEXT_FORMATS.get(suffix) or _plain_format(text, filename)


def _is_mail(text: bytes, suffix: str, named_text: bool) -> bool:
    """Whether a text is a message: by its name, or by headers of MIME from its first line to a blank one.

    Raises UnsupportedType for a mailbox of several.
    """
    if suffix == ".mbox" or (suffix in formats.MAIL_SUFFIXES and _MAILBOX.match(text)):
        raise UnsupportedType(found="a mailbox of several messages (save each as a file of its own)")
    if suffix in formats.MAIL_SUFFIXES:
        return True
    position = 0
    while header := _HEADER.match(text, position):
        position = header.end()
    blank = text[position : position + 2].startswith((b"\n", b"\r\n"))
    return not named_text and blank and len(_MIME.findall(text[:position])) >= 2


def _plain_format(text: bytes, filename: str) -> Format:
    if formats.code_language(filename, text):
        return Format.CODE
    if formats.suffix_of(filename) in formats.PLAIN_SUFFIXES:
        return Format.TEXT
    # An unknown ending: two different kinds of marks of Markdown, since a comment alone looks like a heading.
    return Format.MARKDOWN if sum(1 for sign in _MARKDOWN_SIGNS if sign.search(text)) >= 2 else Format.TEXT


def _read_tail(source: bytes | Path) -> bytes:
    if isinstance(source, bytes):
        return source[-_TAIL_BYTES:]
    with source.open("rb") as file:
        file.seek(max(file.seek(0, 2) - _TAIL_BYTES, 0))
        return file.read()


def _is_notebook(text: bytes, head: bytes, source: bytes | Path, suffix: str) -> bool:
    """Tell whether a text is a notebook, by its name or by what it holds; raises CorruptFile where the name is wrong."""
    if suffix == ".ipynb":
        if not text.startswith(b"{"):
            raise CorruptFile(reason="it is named as a notebook and is not one")
        return True
    if not text.startswith(b"{") or not (b'"nbformat"' in head or b'"cells"' in head):
        return False
    try:
        parsed = json.loads(source if isinstance(source, bytes) else source.read_bytes())
    except (ValueError, RecursionError):
        return False
    return isinstance(parsed, dict) and "cells" in parsed and "nbformat" in parsed
