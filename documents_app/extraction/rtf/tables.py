"""Tables of RTF: rows as they are closed, cells merged as their definitions say."""

from __future__ import annotations

from dataclasses import dataclass, field

from documents_app.extraction.builder import Cell
from documents_app.extraction.inline import Inline, Run

_MERGES = {"clvmgf": "down", "clvmrg": "above", "clmgf": "right", "clmrg": "left"}


@dataclass(slots=True)
class TableReader:
    """Collects the rows of one table."""

    rows: list[list[tuple[Inline, frozenset[str]]]] = field(default_factory=list)
    _cells: list[Inline] = field(default_factory=list)
    _definitions: list[frozenset[str]] = field(default_factory=list)
    _merges: set[str] = field(default_factory=set)

    @property
    def is_open(self) -> bool:
        """Whether anything was collected."""
        return bool(self.rows or self._cells)

    def define(self, word: str) -> None:
        """Take one control word of a row's definition."""
        if word == "trowd":
            self._definitions, self._merges = [], set()
        elif word == "cellx":
            self._definitions.append(frozenset(self._merges))
            self._merges = set()
        elif word in _MERGES:
            self._merges.add(_MERGES[word])

    def end_cell(self, runs: list[str | Run]) -> None:
        """Close a cell."""
        self._cells.append(runs)

    def end_row(self) -> None:
        """Close a row."""
        merges = [*self._definitions, *([frozenset()] * len(self._cells))]
        self.rows.append(list(zip(self._cells, merges, strict=False)))
        self._cells = []

    def grid(self) -> list[list[Inline | Cell]]:
        """Return the rows for the builder."""
        if self._cells:
            self.end_row()
        heights = self._heights()
        return [
            [
                Cell(content, rowspan=heights.get((at, column), 1), colspan=_width(row, column))
                for column, (content, merges) in enumerate(row)
                if not merges & {"above", "left"}
            ]
            for at, row in enumerate(self.rows)
        ]

    def _heights(self) -> dict[tuple[int, int], int]:
        heights: dict[tuple[int, int], int] = {}
        begun: dict[int, int] = {}
        for at, row in enumerate(self.rows):
            for column, (_, merges) in enumerate(row):
                if "above" in merges and column in begun:
                    heights[begun[column], column] = at - begun[column] + 1
                elif "down" in merges:
                    begun[column] = at
                else:
                    begun.pop(column, None)
        return heights


def _width(row: list[tuple[Inline, frozenset[str]]], column: int) -> int:
    width = 1
    while column + width < len(row) and "left" in row[column + width][1]:
        width += 1
    return width
