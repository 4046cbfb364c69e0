"""Which encoding bytes are in: by the label they came with, or by what they look like.

Labels follow the WHATWG Encoding Standard (https://encoding.spec.whatwg.org): what is labelled ``iso-8859-1`` is
Windows-1252, ``gb2312`` is GBK, ``shift_jis`` is the Windows code page. Bytes without a label are guessed by chardetng,
the detector of Firefox, which was made for short texts; what a browser never meets is added here: Mac and DOS files, and
short texts whose only letters beyond ASCII are signs.
"""

from __future__ import annotations

import codecs
import re

# Python's name of an encoding -> the wider one that its label means.
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "utf-16": "utf-16-le",
}
# Labels of the standard that Python does not know, after a leading "x-" is taken off.
_LABELS = {
    "sjis": "cp932",
    "windows-874": "cp874",
    "dos-874": "cp874",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "logical": "iso8859-8",
    "visual": "iso8859-8",
    "unicode-1-1-utf-8": "utf-8",
    "koi": "koi8_r",
    "koi8": "koi8_r",
    "koi8-ru": "koi8_u",
    "mac-roman": "mac_roman",
    "mac-cyrillic": "mac_cyrillic",
    "mac-ukrainian": "mac_cyrillic",
    "windows-949": "cp949",
    "ms932": "cp932",
    "x-big5": "big5hkscs",
    "sun_eu_greek": "iso8859-7",
}
# What a file of the same language is in when it comes from an old Mac or from DOS.
_OTHER_MACHINES = {
    "cp1252": ("mac_roman", "cp850"),
    "cp1250": ("mac_latin2", "cp852"),
    "cp1251": ("mac_cyrillic",),
}
_LATIN_4 = "iso8859-4"
_SAMPLE = 256 * 1024
_JAPANESE_ESCAPE = re.compile(rb"\x1b\$[@B]")
_UNITS = "C F K L M A V W J N Pa Hz g l m s"
# Signs as they stand in Windows-1252 text: amounts, degrees, powers, micro units. None of them begins or ends a word, which
# the letters that other code pages have in their places do.
_SIGNS = re.compile(
    r"(?<![A-Za-z])[\xa0¢£¤¥§©±¶·¼½¾×÷ø](?![A-Za-z])"
    r"|(?<![A-Za-z])µ(?=(?:" + "|".join(_UNITS.split()) + r")(?![A-Za-z]))"
    r"|(?<![A-Za-z])°(?=[CFK]?(?![A-Za-z]))"
    r"|(?<![A-Za-z])[¡¿«](?=[A-Za-z])|(?<=[A-Za-z!?.])»(?![A-Za-z])"
    r"|(?:(?<![A-Za-z]{2})|(?<=[cdkmn]m))[¹²³](?![A-Za-z])"
    r"|[€…–—‘’“”•™®«»†‡‰]"
)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_ODD_IN_WORD = re.compile(
    r"(?<=[a-z])[À-ÖØ-ÞŠŒŽŸ]"  # a capital after a small letter
    r"|(?<=[^\W\d_])(?:[^\x00-\x7f’‘–—…·\xad\xa0²³¹°ªº®™](?<![^\W\d_]))(?=[^\W\d_])"  # a sign inside a word
    r"|(?<=[а-яё])[А-ЯЁ]"
    r"|[\x80-\x9f\ufffd]"
)


def codec(label: str) -> str | None:
    """Return the name of the Python codec that a label means, or None for a label that nobody knows."""
    name = label.strip().lower()
    for candidate in (name, name.removeprefix("x-")):
        try:
            known = codecs.lookup(_LABELS.get(candidate, candidate)).name
        except (LookupError, ValueError):
            continue
        return _WIDER.get(known, known)
    return None


def guess(data: bytes) -> str:
    """Return the name of the codec that bytes which are not UTF-8 are most likely in; linear in at most 256 KiB."""
    from chardetng_py import detect  # imported where needed: most files are UTF-8

    sample = data[:_SAMPLE]
    western = sample.decode("cp1252", "replace")
    if not _NOT_ASCII.search(_SIGNS.sub("", western)):
        return "cp1252"
    found = codec(detect(sample)) or "cp1252"
    if found == _LATIN_4:
        # Hardly a file was ever written in it, and a few letters look like it by chance.
        found = "cp1257" if _ODD_IN_WORD.search(western) else "cp1252"
    return _of_this_machine(sample, found)


def is_japanese_by_escapes(data: bytes) -> bool:
    """Whether ASCII bytes switch to Japanese by the escape sequences of ISO-2022-JP."""
    return data.isascii() and _JAPANESE_ESCAPE.search(data) is not None


def _of_this_machine(sample: bytes, found: str) -> str:
    """Return the Mac or DOS encoding under which the words hold together much better than under ``found``."""
    best, fewest = found, _odd_places(sample, found)
    for other in _OTHER_MACHINES.get(found, ()):
        odd = _odd_places(sample, other)
        if 2 * odd < fewest:
            best, fewest = other, odd
    return best


def _odd_places(sample: bytes, encoding: str) -> int:
    return sum(1 for _ in _ODD_IN_WORD.finditer(sample.decode(encoding, "replace")))
