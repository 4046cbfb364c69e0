"""Lines of a text for patterns: those that are too long for what is looked for are left out before any pattern runs."""

from __future__ import annotations

from collections.abc import Iterator


def short_lines(text: str, longest: int) -> Iterator[tuple[int, str]]:
    """Yield ``(start, line)`` of the lines of ``text`` that have at most ``longest`` characters.

    A pattern that tries each ending of a line from each of its beginnings takes time in the square of the line; with
    lines bounded it takes time in proportion to the text.
    """
    start = 0
    for line in text.split("\n"):
        if len(line) <= longest:
            yield start, line
        start += len(line) + 1
