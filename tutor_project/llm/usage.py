"""Token counts: what the provider reports, and an estimate where it reports nothing.

The estimate needs no tokenizer and no network. Byte-pair tokenizers average about four characters a
token for Latin prose, fewer for digits, symbols and code, about two for other alphabets, and one for CJK.
It is meant for budgets, so it leans to the high side.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from tutor_project.llm.types import ChatMessage

_PIECES = re.compile(
    r"(?P<word>[A-Za-z\u00c0-\u024f]+)"
    r"|(?P<digits>\d+)"
    r"|(?P<cjk>[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff])"
    r"|(?P<space>\s+)"
    r"|(?P<other>\w+)"
    r"|(?P<symbol>.)",
    re.DOTALL,
)
_CHARS_PER_TOKEN = {"word": 4.0, "digits": 1.5, "cjk": 0.8, "other": 2.0, "symbol": 1.0}
_TOKENS_PER_MESSAGE = 6  # role and separators of the chat format


def estimate_tokens(text: str) -> int:
    """Return about how many tokens ``text`` has, leaning high; 0 only for the empty text."""
    total = 0.0
    for piece in _PIECES.finditer(text):
        kind = piece.lastgroup or "symbol"
        length = piece.end() - piece.start()
        if kind == "space":
            total += piece.group().count("\n") * 0.5 + max(length - 1, 0) * 0.05
        elif kind == "word":
            total += max(1.0, length / _CHARS_PER_TOKEN[kind])
        else:
            total += length / _CHARS_PER_TOKEN[kind]
    return math.ceil(total)


def estimate_prompt_tokens(messages: Sequence[ChatMessage]) -> int:
    """Return about how many prompt tokens ``messages`` cost."""
    return sum(estimate_tokens(message.text) + _TOKENS_PER_MESSAGE for message in messages)


def truncate_to_tokens(text: str, limit: int) -> str:
    """Return the longest prefix of ``text`` that ends at white space and is estimated within ``limit`` tokens."""
    if estimate_tokens(text) <= limit:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if estimate_tokens(text[:middle]) <= limit:
            low = middle
        else:
            high = middle - 1
    cut = text[:low]
    boundary = max(cut.rfind(" "), cut.rfind("\n"))
    return cut[:boundary] if boundary > 0 else cut
