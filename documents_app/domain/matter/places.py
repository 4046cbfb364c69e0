"""In which section of its document a block stands."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from documents_app.domain.analysis.types import Section
from documents_app.domain.blocks import Block, BlockKind
from documents_app.domain.material import SourceDocument


class SectionsOf:
    """Finds the section of each block of one document of a material."""

    def __init__(self, sections: Sequence[Section], document: int, source: SourceDocument) -> None:
        self._own = [section for section in sections if section.document == document]
        self._starts = [section.char_start for section in self._own]
        self._headings = [block.char_start for block in source.content.of_kind(BlockKind.HEADING)]

    def of(self, block: Block) -> Section | None:
        """Return the section; None for what stands under a heading of no section, such as a list of sources."""
        if not self._own:
            return None
        section = self._own[max(0, bisect_right(self._starts, block.char_start) - 1)]
        at = bisect_right(self._headings, block.char_start) - 1
        return None if at >= 0 and self._headings[at] >= max(section.char_end, section.char_start + 1) else section
