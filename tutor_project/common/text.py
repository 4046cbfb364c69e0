"""The one text sanitizer: text is stored as written, without NUL and control characters."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff]")


def sanitize(text: str) -> str:
    """Strip NUL, other C0 controls (not tab, newline, form feed, return) and lone surrogates."""
    return _CONTROL.sub("", text)


def truncate(text: str, limit: int) -> str:
    """Return at most ``limit`` characters, cut at a word border with an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    border = head.rfind(" ")
    return (head[:border] if border > limit // 2 else head).rstrip() + "…"
