"""Footnotes and endnotes: numbered as they are referred to, kept apart from the numbers of the text."""

from __future__ import annotations

from typing import Any

from documents_app.extraction.office.names import W
from documents_app.extraction.office.numerals import numeral

_NAMES = {"footnotes": "footnote", "endnotes": "endnote"}


class Notes:
    """The notes of a document: each is written once, after the first reference to it."""

    def __init__(self, footnotes: Any, endnotes: Any) -> None:
        self._notes = {kind: _by_id(root, kind) for kind, root in (("footnotes", footnotes), ("endnotes", endnotes))}
        self._numbers: dict[tuple[str, str], int] = {}
        self._count = dict.fromkeys(_NAMES, 0)
        self._waiting: dict[str, list[str]] = {kind: [] for kind in _NAMES}

    def refer(self, kind: str, note_id: str) -> str:
        """Return the mark of a reference, in brackets; "" if there is no such note."""
        if note_id not in self._notes[kind]:
            return ""
        if (kind, note_id) not in self._numbers:
            self._count[kind] += 1
            self._numbers[kind, note_id] = self._count[kind]
            self._waiting[kind].append(note_id)
        return self._mark(kind, note_id)

    def take(self, kind: str) -> list[tuple[str, Any]]:
        """Return ``(mark, element)`` of the notes referred to since they were last taken."""
        waiting, self._waiting[kind] = self._waiting[kind], []
        return [(self._mark(kind, note_id), self._notes[kind][note_id]) for note_id in waiting]

    def _mark(self, kind: str, note_id: str) -> str:
        number = self._numbers[kind, note_id]
        return f"[{number}]" if kind == "footnotes" else f"[{numeral(number, 'lowerRoman')}]"


def _by_id(root: Any, kind: str) -> dict[str, Any]:
    if root is None:
        return {}
    notes = root.iter(f"{W}{_NAMES[kind]}")
    return {note.get(f"{W}id") or "": note for note in notes if note.get(f"{W}type") in {None, "normal"}}
