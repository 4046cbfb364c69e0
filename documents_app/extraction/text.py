"""Plain text: the stored text is the file's text; form feeds part pages."""

from __future__ import annotations

import re

from documents_app.domain.blocks import BlockKind
from documents_app.domain.errors import EmptyFile
from documents_app.domain.material import DocumentText
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.limits import ExtractionLimits

_ITEM = re.compile(r"(?P<indent>[ \t]*)(?:[-*+•‣◦▪–]|\(?(?:\d{1,3}|[a-zA-Z])[.)])[ \t]+\S")
_BLANK_LINES = re.compile(r"\n{2,}")


def extract_text(text: str, limits: ExtractionLimits) -> DocumentText:
    """Return plain text with trailing blanks cut and runs of blank lines made one."""
    builder = TextBuilder(limits)
    for index, page in enumerate(text.split("\f")):
        if index:
            builder.end_page()
        for paragraph in _BLANK_LINES.split(_without_trailing_blanks(page)):
            _write_paragraph(paragraph, builder)
    document = builder.build({})
    if not document.text.strip():
        raise EmptyFile
    return document


def _write_paragraph(paragraph: str, builder: TextBuilder) -> None:
    """Write lines that each begin with a bullet or a number as a list, others as they stand."""
    lines = paragraph.split("\n")
    found = [_ITEM.match(line) for line in lines]
    if len(lines) < 2 or not all(found):
        builder.block(BlockKind.PARAGRAPH, paragraph)
        return
    for place, (line, item) in enumerate(zip(lines, found, strict=True)):
        indent = len(item["indent"].expandtabs(4)) if item else 0
        builder.block(BlockKind.LIST_ITEM, line, level=1 + indent // 2, tight=place > 0)


def _without_trailing_blanks(text: str) -> str:
    # Line by line: a pattern anchored at line ends is quadratic on a long run of spaces.
    return "\n".join(line.rstrip(" \t\r") for line in text.split("\n"))


def extract_code(text: str, limits: ExtractionLimits, language: str | None = None) -> DocumentText:
    """Return source code as it stands: every line, blank ones too."""
    builder = TextBuilder(limits)
    builder.block(BlockKind.CODE, text, code_language=language)
    return builder.build({})
