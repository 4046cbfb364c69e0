"""A sheet of cells as tables: regions parted by blank rows, without the columns that are blank in a whole region."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from documents_app.domain.blocks import BlockKind
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.inline import Inline, Run


def write_grid(rows: Iterable[Sequence[Inline]], builder: TextBuilder) -> None:
    """Write rows as tables, one per region between blank rows; a region of one column is a paragraph."""
    region: list[Sequence[Inline]] = []
    for row in rows:
        if any(row):
            region.append(row)
        elif region:
            _write_region(region, builder)
            region = []
    if region:
        _write_region(region, builder)


def _write_region(region: list[Sequence[Inline]], builder: TextBuilder) -> None:
    filled = sorted({column for row in region for column, cell in enumerate(row) if cell})
    rows = [[row[column] if column < len(row) else "" for column in filled] for row in region]
    if len(filled) > 1:
        builder.table(rows)
        return
    lines: list[str | Run] = []
    for (cell,) in rows:
        lines += (
            ["\n", *([cell] if isinstance(cell, (str, Run)) else cell)]
            if lines
            else [cell]
            if isinstance(cell, (str, Run))
            else cell
        )
    builder.block(BlockKind.PARAGRAPH, lines)
