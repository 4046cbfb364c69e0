"""The block of settings at the head of a Markdown file: its title and language, and what is left to read."""

from __future__ import annotations

import re

_MAX_LINES = 400
_FENCES = {"---": ("---", "..."), "+++": ("+++",)}
_SETTING = re.compile(r"""["']?[\w][\w .-]*["']?[ \t]*[:=](?:[ \t]|$)""")
_CONTINUATION = re.compile(r"[ \t]+\S|- |#|\[[^\]]*\]\s*$|[\]})],?\s*$")
_KEPT = {"title": "title", "author": "author", "lang": "language", "language": "language"}
_VALUE = re.compile(r"""(?P<key>\w+)[ \t]*[:=][ \t]*(?P<value>[^\s|>&*\[{].*)$""")


def split_front_matter(text: str) -> tuple[dict[str, str], str]:
    """Return what the front matter says of title, author and language, and the text without it.

    A rule ``---`` at the head of a text is no front matter: each line up to the closing one must look like a setting,
    the first like ``key: value``.
    """
    lines = text.split("\n", _MAX_LINES)
    closers = _FENCES.get(lines[0].rstrip())
    if closers is None:
        return {}, text
    found: dict[str, str] = {}
    for place, line in enumerate(lines[1:_MAX_LINES], 1):
        if line.rstrip() in closers:
            return (found, "\n".join(lines[place + 1 :])) if place > 1 else ({}, text)
        setting = _SETTING.match(line)
        if not setting and (place == 1 or (line.strip() and not _CONTINUATION.match(line))):
            return {}, text
        value = _VALUE.match(line) if setting else None
        if value and value["key"].lower() in _KEPT:
            found.setdefault(_KEPT[value["key"].lower()], value["value"].strip().strip("\"'")[:1000])
    return {}, text
