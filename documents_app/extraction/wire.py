"""What passes between a worker and the child process that reads files: plain JSON in framed messages.

JSON and not pickle: a child taken over by a hostile file must not be able to run code in the worker.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict
from typing import Any

from documents_app.domain import errors
from documents_app.domain.errors import ExtractionError
from documents_app.domain.material import DocumentText, Heading, PageSpan, Table

PROGRESS, RESULT, FAILURE = b"p", b"r", b"f"
HEADER = struct.Struct("!cQ")

_CLASSES: dict[str, type[ExtractionError]] = {
    entry.code: entry
    for entry in vars(errors).values()
    if isinstance(entry, type) and issubclass(entry, ExtractionError)
}


def frame(kind: bytes, payload: Any) -> bytes:
    """Return one message: kind, length, JSON."""
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return HEADER.pack(kind, len(body)) + body


def pack_document(document: DocumentText, resident_bytes: int) -> dict[str, Any]:
    """Return the JSON form of a document, with the child's memory in use."""
    return {
        "text": document.text,
        "pages": [(page.page, page.char_start, page.char_end) for page in document.pages],
        "headings": [(h.level, h.text, h.page, h.char_start, h.char_end) for h in document.headings],
        "tables": [(t.page, t.char_start, t.char_end, t.cells, t.bbox) for t in document.tables],
        "metadata": dict(document.metadata),
        "resident_bytes": resident_bytes,
    }


def unpack_document(payload: dict[str, Any]) -> DocumentText:
    """Return the document of ``pack_document``; raises ValueError if spans do not fit the text."""
    text = payload["text"]
    document = DocumentText(
        text=text,
        pages=tuple(PageSpan(*entry) for entry in payload["pages"]),
        headings=tuple(Heading(*entry) for entry in payload["headings"]),
        tables=tuple(
            Table(page, start, end, tuple(tuple(row) for row in cells), tuple(bbox) if bbox else None)
            for page, start, end, cells, bbox in payload["tables"]
        ),
        metadata=payload["metadata"],
    )
    spans: list[PageSpan | Heading | Table] = [*document.pages, *document.headings, *document.tables]
    if not document.pages or any(not 0 <= span.char_start <= span.char_end <= len(text) for span in spans):
        raise ValueError("spans outside the text")
    return document


def pack_error(error: ExtractionError) -> dict[str, Any]:
    """Return the JSON form of a named failure."""
    return {"code": error.code, "message": error.message, "data": {k: str(v)[:200] for k, v in error.data.items()}}


def unpack_error(payload: dict[str, Any]) -> ExtractionError:
    """Return the named failure of ``pack_error``."""
    kind = _CLASSES.get(str(payload.get("code")), ExtractionError)
    return kind(str(payload.get("message"))[:1000], **{str(k): v for k, v in payload.get("data", {}).items()})


def pack_limits(limits: Any) -> dict[str, Any]:
    """Return limits as plain JSON."""
    return asdict(limits)
