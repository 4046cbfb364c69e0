"""The stored form of a document as the API shows it: which parts, and a page of its blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from documents_app.api.serializers.shared import WarningSerializer
from documents_app.domain.material import OCR_WORDS
from documents_app.models import DocumentContent
from documents_app.selectors.documents import document_text

_STRUCTURE = ("text", "pages", "headings", "tables", "figures", "blocks", "warnings", "language")
CONTENT_PARTS: dict[str, tuple[str, ...]] = {
    "text_only": ("text", "pages"),
    "structured": _STRUCTURE,
    "metadata": ("metadata",),
    "full": (*_STRUCTURE, "metadata"),
}
_BLOCK_FIELDS = ("kind", "page", "char_start", "char_end", "level", "latex", "code_language", "rows")
_MARK_FIELDS = ("kind", "char_start", "char_end", "latex")


def content_parts(
    content: DocumentContent, kind: str, *, blocks_after: int = 0, limit: int | None = None
) -> dict[str, Any]:
    """Return the parts that ``kind`` names, with at most ``limit`` blocks after the first ``blocks_after``.

    With a ``limit``, ``next_blocks_after`` is where the next page of blocks begins, null on the last.
    """
    parts = CONTENT_PARTS[kind]
    body: dict[str, Any] = {part: getattr(content, part) for part in ("text", "pages", "metadata") if part in parts}
    if "metadata" in body:  # where each word of a scan stands is asked for by span
        body["metadata"] = {name: value for name, value in content.metadata.items() if name != OCR_WORDS}
    if "blocks" not in parts:
        return body
    text = document_text(content)
    body["headings"] = [asdict(heading) for heading in text.headings]
    body["tables"] = [asdict(table) for table in text.tables]
    end = len(content.blocks) if limit is None else blocks_after + limit
    body["blocks"] = [_block(block) for block in content.blocks[blocks_after:end]]
    if limit is not None:
        body["next_blocks_after"] = end if end < len(content.blocks) else None
    body["warnings"] = WarningSerializer(content.document.warnings, many=True).data
    body["language"] = content.document.language
    return body


def _block(stored: Mapping[str, Any]) -> dict[str, Any]:
    marks = [{name: mark.get(name) for name in _MARK_FIELDS} for mark in stored.get("marks", ())]
    return {name: stored.get(name) for name in _BLOCK_FIELDS} | {"marks": marks}
