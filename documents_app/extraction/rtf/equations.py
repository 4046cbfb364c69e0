"""Equations in RTF: its control words are the elements of Office's equations with an m before their names."""

from __future__ import annotations

from typing import Any

from documents_app.extraction.office.names import M

_VALUES = frozenset(
    "chr pos type begChr endChr sepChr degHide subHide supHide limLoc grow vertJc show nor scr sty opEmu baseJc".split()
)


class EquationReader:
    """Builds the tree of one equation from groups."""

    def __init__(self) -> None:
        from lxml import etree

        self._etree = etree
        self.root: Any = etree.Element(f"{M}oMath")
        self._open: list[Any] = [self.root]

    def open_group(self) -> None:
        """A group begins; its first control word says what it is."""
        self._open.append(self._open[-1])

    def close_group(self) -> None:
        """A group ends."""
        if len(self._open) > 1:
            self._open.pop()

    def word(self, word: str) -> None:
        """Take a control word; those that do not begin with m belong to the letters of a run."""
        if word.startswith("m") and len(word) > 1:
            self._open[-1] = self._etree.SubElement(self._open[-1], f"{M}{word[1:]}")

    def text(self, text: str) -> None:
        """Take text: the value of a property, or letters of a run."""
        element = self._open[-1]
        name = element.tag.rpartition("}")[2]
        if name in _VALUES:
            element.set(f"{M}val", (element.get(f"{M}val") or "") + text)
        elif text:
            letters = self._etree.SubElement(element, f"{M}t")
            letters.text = text
