"""The two forms of text: the stored form, cleaned of what no store accepts, and the search form.

Offsets always point into the stored form. The search form folds ligatures, widths, soft hyphens and
words broken at line ends; it is never sliced.
"""

from __future__ import annotations

import re
import unicodedata

REPLACEMENT = "�"

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufff9-\ufffb\ufffe\uffff]|[\ud800-\udfff]"
    "|[\U0001fffe\U0001ffff\U0002fffe\U0002ffff\U000e0001\U0010fffe\U0010ffff]"
)
_NEWLINES = re.compile("\r\n?|[\x85\u2028\u2029]")
# The dash comes first and what stands before it is looked at afterwards: a search for a dash is fast.
_BROKEN_WORD = re.compile(r"[-\u2010\u00ad](?<=[^\W\d_].)\n[ \t]*(?=[^\W\d_])")
_DASHED_BREAK = re.compile(r"[-\u2010](?<=\w.)[ \t]*\n[ \t]*(?=\w)")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    r"""Return ``text`` as it may be stored: newlines are ``\n``, no NUL or other control but ``\n \t \f``.

    Lone surrogates become U+FFFD, byte order marks and non-characters vanish. Idempotent.
    """
    if "\r" in text or "\x85" in text or "\u2028" in text or "\u2029" in text:
        text = _NEWLINES.sub("\n", text)
    if "\x0b" in text:
        text = text.replace("\x0b", "\n")
    if _FORBIDDEN.search(text):
        text = _FORBIDDEN.sub(lambda found: REPLACEMENT if "\ud800" <= found[0] <= "\udfff" else "", text)
    return text


def search_form(text: str) -> str:
    """Return the form that is indexed and embedded: NFKC, line-end hyphenation undone, white space single.

    A word broken before a small letter is joined ("mem-⏎brane" → "membrane"); before a capital or a digit the
    hyphen stays ("Heine-⏎Borel" → "Heine-Borel").
    """
    if "\n" in text:
        text = _BROKEN_WORD.sub(_join, text)
        text = _DASHED_BREAK.sub("-", text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return " ".join(text.split())


def _join(found: re.Match[str]) -> str:
    following = found.string[found.end()]
    return "" if following.islower() or not following.isupper() else "-"
