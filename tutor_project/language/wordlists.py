"""Word lists as data: ``data/<tag>/<name>.txt``, one word or phrase a line, blank lines and ``#`` comments aside."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

DATA = Path(__file__).parent / "data"


@lru_cache(maxsize=512)
def entries(tag: str, name: str) -> tuple[str, ...]:
    """Return the lines of a list in their order; empty when the language has no such list."""
    path = DATA / tag / f"{name}.txt"
    if not path.is_file():
        return ()
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def word_set(tag: str, name: str) -> frozenset[str]:
    """Return a list as a set."""
    return frozenset(entries(tag, name))


def either(words: Iterable[str]) -> str:
    """Return the source of a pattern that matches any of some words, longer ones first, and nothing where there are none."""
    known = sorted(set(words), key=lambda word: (-len(word), word))
    return "|".join(map(re.escape, known)) or "(?!)"
