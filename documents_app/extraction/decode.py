"""Bytes to text: byte order marks, UTF-8, declared or detected encodings, files of mixed encodings."""

from __future__ import annotations

import codecs

from documents_app.domain.errors import EmptyFile
from documents_app.extraction.charset import codec, guess, is_japanese_by_escapes

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 64 * 1024
_FOREIGN_LINES = 0.02
_STRAY = 0.005


def decode(data: bytes, declared: str | None = None) -> tuple[str, str]:
    """Return ``(text, encoding)``; never fails on content.

    Order: byte order mark, ISO-2022-JP, UTF-8, UTF-16 without a mark, the declared encoding, UTF-8 with a few lines of
    another encoding, a guess from the bytes. Bytes that fit nothing become U+FFFD.
    """
    if not data.strip(b"\x00 \t\r\n\x0c"):
        raise EmptyFile
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace"), encoding
    if is_japanese_by_escapes(data):
        return data.decode("iso2022_jp", "replace"), "iso2022-jp"
    try:
        if b"\x00" not in data[:_SAMPLE]:
            return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    wide = _utf16_without_mark(data)
    if wide:
        return data.decode(wide, "replace"), wide
    if b"\x00" in data[:_SAMPLE]:
        return data.replace(b"\x00", b"").decode("utf-8", "replace"), "utf-8"
    labelled = codec(declared) if declared else None
    if labelled and not labelled.startswith("utf") and _fits(data, labelled):
        return data.decode(labelled, "replace"), labelled
    mixed = _mostly_utf8(data)
    if mixed:
        return mixed
    encoding = guess(data)
    return data.decode(encoding, "replace"), encoding


def _utf16_without_mark(data: bytes) -> str | None:
    sample = data[:_SAMPLE]
    half = max(len(sample) // 2, 1)
    high, low = sample[1::2].count(0) / half, sample[0::2].count(0) / half
    if high > 0.4 and low < 0.1:
        return "utf-16-le"
    if low > 0.4 and high < 0.1:
        return "utf-16-be"
    return None


def _fits(data: bytes, encoding: str) -> bool:
    """Whether nearly all bytes mean something in an encoding; a few stray ones do not make a label wrong."""
    wrong = data[:_SAMPLE].decode(encoding, "replace").count("\ufffd")
    return wrong <= _STRAY * len(data[:_SAMPLE])


def _mostly_utf8(data: bytes) -> tuple[str, str] | None:
    """Decode line by line where nearly all non-ASCII lines are UTF-8: a file pasted together from several."""
    lines = data.splitlines(keepends=True)
    texts: list[str] = []
    utf8 = foreign = 0
    for line in lines:
        try:
            texts.append(line.decode("utf-8"))
            utf8 += not line.isascii()
        except UnicodeDecodeError:
            foreign += 1
            texts.append(line.decode("cp1252", "replace"))
    if utf8 and (foreign <= utf8 or foreign <= _FOREIGN_LINES * len(lines)):
        return "".join(texts), "utf-8, in part windows-1252"
    return None
