"""The stored form of course material, and spans that point into it.

Every offset in the project is a Unicode code point offset into ``DocumentText.text``, the document's
one stored text. ``text[char_start:char_end]`` of a citation equals its ``text``, exactly.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from documents_app.domain.blocks import Block, BlockKind, Box, ExtractionWarning
from tutor_project.language import Language, detect, detect_mostly, language

OCR_WORDS = "ocr_words"
"""In the metadata: by page number, the words recognised in its picture, each with its box in fractions of the page."""


@dataclass(frozen=True, slots=True)
class PageSpan:
    """One page (slide, sheet, chapter): 1-based ``page`` and its half-open character range."""

    page: int
    char_start: int
    char_end: int


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading with its 1-based level (1 = chapter title), page and character range; ``text`` is on one line."""

    level: int
    text: str
    page: int
    char_start: int
    char_end: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table: rows of cell texts, and where its rendering stands in the stored text.

    ``bbox`` is ``(x0, top, x1, bottom)`` in PDF points from the top left, where the format has positions.
    """

    page: int
    char_start: int
    char_end: int
    cells: tuple[tuple[str, ...], ...]
    bbox: Box | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture in a document: its page, caption (empty if it has none), size in pixels, and its bytes.

    A figure without bytes is drawn from its page when it is first wanted: ``place`` is its left, top, right and bottom
    as displayed, in fractions of the page.
    """

    page: int
    caption: str
    width: int
    height: int
    media_type: str
    data: bytes | None = None
    place: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """The citation of the API contract; ``text`` equals the slice of the stored text."""

    document_id: str
    filename: str
    page_start: int
    page_end: int
    char_start: int
    char_end: int
    text: str

    def overlaps(self, other: Citation) -> bool:
        """Tell whether two citations share a character."""
        same = self.document_id == other.document_id
        return same and self.char_start < other.char_end and other.char_start < self.char_end

    def as_dict(self) -> dict[str, Any]:
        """Return the citation in the shape of the API contract."""
        return asdict(self)


@dataclass(frozen=True)
class DocumentText:
    """What an extractor yields and what is stored: text, pages, blocks, warnings, language (BCP 47), metadata, figures.

    Pages are in order, contiguous or separated by form feeds or blank lines, never overlapping. Headings, tables and
    furniture are views of the blocks.
    """

    text: str
    pages: tuple[PageSpan, ...]
    blocks: tuple[Block, ...] = ()
    warnings: tuple[ExtractionWarning, ...] = ()
    language: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    figures: tuple[Figure, ...] = ()

    @cached_property
    def headings(self) -> tuple[Heading, ...]:
        """The headings in order."""
        return tuple(
            Heading(block.level or 1, " ".join(self.text[block.char_start : block.char_end].split()), block.page,
                    block.char_start, block.char_end)
            for block in self.of_kind(BlockKind.HEADING)
        )  # fmt: skip

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """The tables in order."""
        return tuple(
            Table(block.page, block.char_start, block.char_end, block.rows or (), block.bbox)
            for block in self.of_kind(BlockKind.TABLE)
        )

    @cached_property
    def furniture(self) -> tuple[tuple[int, int], ...]:
        """The half-open ranges of what belongs to the page only: running heads, page numbers, menus."""
        return tuple((block.char_start, block.char_end) for block in self.of_kind(BlockKind.FURNITURE))

    def of_kind(self, *kinds: BlockKind) -> tuple[Block, ...]:
        """Return the blocks of these kinds in order."""
        return tuple(block for block in self.blocks if block.kind in kinds)

    def page_at(self, offset: int) -> int:
        """Return the 1-based page that holds the character at ``offset`` (or the last one before it)."""
        starts = [page.char_start for page in self.pages]
        index = bisect_right(starts, offset) - 1
        return self.pages[max(index, 0)].page


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """A document as the engines see it: identity, name and stored form."""

    document_id: str
    filename: str
    content: DocumentText

    def cite(self, char_start: int, char_end: int) -> Citation:
        """Return the citation of a half-open character range; raises ValueError outside the text."""
        text = self.content.text
        if not 0 <= char_start < char_end <= len(text):
            raise ValueError(f"span {char_start}:{char_end} is not inside the text of {len(text)} characters")
        return Citation(
            document_id=self.document_id,
            filename=self.filename,
            page_start=self.content.page_at(char_start),
            page_end=self.content.page_at(char_end - 1),
            char_start=char_start,
            char_end=char_end,
            text=text[char_start:char_end],
        )


Material = Sequence[SourceDocument]
"""The documents of one session (or one document), in upload order."""

_SAMPLE = 20_000
"""Characters of a document by which its language is told."""


def language_of_text(content: DocumentText) -> Language:
    """Return the language a document states, else the one its text shows."""
    return language(content.language or detect(content.text[:_SAMPLE]))


def language_of_material(material: Material) -> Language:
    """Return the language of the material: the first one stated, else the one its text shows."""
    stated = next((document.content.language for document in material if document.content.language), None)
    if stated:
        return language(stated)
    text = "\n\n".join(document.content.text[:_SAMPLE] for document in material)
    return language(detect(text) or detect_mostly(text))
