"""The numbers of OpenDocument lists, counted item by item."""

from __future__ import annotations

from typing import Any

from documents_app.extraction.odf.package import STYLE, TEXT, OpenDocument, number
from documents_app.extraction.office.numerals import numeral

_FORMS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}


class ListCounter:
    """Counts the items of the lists of one document; a list may go on where one of its style ended."""

    def __init__(self, document: OpenDocument) -> None:
        self._document = document
        self._last: dict[str, dict[int, int]] = {}

    def begin(self, element: Any, style: str, level: int) -> None:
        """A list begins at a level (from 1): its counting starts anew unless it says that it goes on."""
        goes_on = element.get(f"{TEXT}continue-numbering") == "true" or element.get(f"{TEXT}continue-list")
        if not goes_on or level > 1:
            self._last.setdefault(style, {}).pop(level, None)

    def marker(self, item: Any, style: str, level: int) -> str:
        """Count one item and return what stands before it, "-" for a bullet."""
        definition = self._level(style, level)
        counts = self._last.setdefault(style, {})
        start = number(definition, f"{TEXT}start-value") if definition is not None else 1
        counts[level] = number(item, f"{TEXT}start-value", counts.get(level, start - 1) + 1)
        if definition is None or definition.tag != f"{TEXT}list-level-style-number":
            return "-"
        if not definition.get(f"{STYLE}num-format"):
            return ""
        shown = min(number(definition, f"{TEXT}display-levels"), level)
        places = range(level - shown + 1, level + 1)
        written = ".".join(self._numeral(style, place, counts.get(place, 1)) for place in places)
        return f"{definition.get(f'{STYLE}num-prefix') or ''}{written}{definition.get(f'{STYLE}num-suffix') or ''}"

    def _numeral(self, style: str, level: int, count: int) -> str:
        definition = self._level(style, level)
        form = (definition.get(f"{STYLE}num-format") or "1") if definition is not None else "1"
        return numeral(count, _FORMS.get(form, "decimal"))

    def _level(self, style: str, level: int) -> Any:
        definitions = self._document.list_styles.get(style)
        for definition in definitions if definitions is not None else ():
            if number(definition, f"{TEXT}level", 0) == level:
                return definition
        return None
