"""RTF as a stream of tokens: groups, control words, and bytes of text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

_TOKEN = re.compile(
    rb"(?P<open>\{)|(?P<close>\})|\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?|\\'(?P<hex>[0-9a-fA-F]{2})"
    rb"|\\(?P<symbol>[^a-zA-Z])|(?P<text>[^\\{}\r\n]+)",
    re.DOTALL,
)


class Kind(Enum):
    """What a token is."""

    OPEN = "open"
    CLOSE = "close"
    WORD = "word"
    SYMBOL = "symbol"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class RtfToken:
    """One token: a control word with its number, a control symbol, or bytes in the code page of their font."""

    kind: Kind
    word: str = ""
    number: int | None = None
    data: bytes = b""


def tokens(data: bytes) -> Iterator[RtfToken]:
    """Yield the tokens of a file; binary parts (``\\bin``) are skipped."""
    position = 0
    while found := _TOKEN.search(data, position):
        position = found.end()
        kind = found.lastgroup
        if found["word"] is not None:
            word, number = found["word"].decode("ascii"), found["number"]
            value = int(number) if number is not None else None
            if word == "bin" and value:
                position += max(value, 0)
            yield RtfToken(Kind.WORD, word, value)
        elif kind == "hex":
            yield RtfToken(Kind.BYTES, data=bytes([int(found["hex"], 16)]))
        elif kind == "text":
            yield RtfToken(Kind.BYTES, data=found["text"])
        elif kind == "symbol":
            yield RtfToken(Kind.SYMBOL, found["symbol"].decode("latin-1"))
        else:
            yield RtfToken(Kind.OPEN if kind == "open" else Kind.CLOSE)
