"""What passes between a worker and the child process that reads files: plain JSON in framed messages.

JSON and not pickle: a child taken over by a hostile file must not be able to run code in the worker.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from documents_app.domain import errors
from documents_app.domain.blocks import ExtractionWarning, block_from_dict, block_to_dict, check_tiling
from documents_app.domain.errors import ExtractionError
from documents_app.domain.material import DocumentText, Figure, PageSpan

PROGRESS, BYTES, RESULT, FAILURE = b"p", b"b", b"r", b"f"
"""Kinds of messages. Bytes (a picture) come before the result that they belong to, in its order."""
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


def frame_bytes(data: bytes) -> bytes:
    """Return one message of plain bytes."""
    return HEADER.pack(BYTES, len(data)) + data


def frames_of(document: DocumentText) -> Iterator[bytes]:
    """Yield the messages of a document but the last, its result: the bytes of its figures."""
    for figure in document.figures:
        if figure.data is not None:
            yield frame_bytes(figure.data)


def pack_document(document: DocumentText) -> dict[str, Any]:
    """Return the JSON form of a document; the bytes of its figures travel before it."""
    return {
        "text": document.text,
        "pages": [(page.page, page.char_start, page.char_end) for page in document.pages],
        "blocks": [block_to_dict(block) for block in document.blocks],
        "warnings": [(warning.code, warning.detail, warning.page) for warning in document.warnings],
        "language": document.language,
        "metadata": dict(document.metadata),
        "figures": [
            (f.page, f.caption, f.width, f.height, f.media_type, f.data is not None, f.place) for f in document.figures
        ],
    }


def unpack_document(payload: dict[str, Any], attached: Sequence[bytes] = ()) -> DocumentText:
    """Return the document of ``pack_document``; raises ValueError if spans do not fit the text, or bytes are missing."""
    text = payload["text"]
    data = iter(attached)
    document = DocumentText(
        text=text,
        pages=tuple(PageSpan(*entry) for entry in payload["pages"]),
        blocks=tuple(map(block_from_dict, payload["blocks"])),
        warnings=tuple(ExtractionWarning(*entry) for entry in payload["warnings"]),
        language=payload["language"],
        metadata=payload["metadata"],
        figures=tuple(_figure(entry, data) for entry in payload["figures"]),
    )
    if not document.pages or any(not 0 <= page.char_start <= page.char_end <= len(text) for page in document.pages):
        raise ValueError("pages outside the text")
    check_tiling(document.blocks, len(text))
    return document


def _figure(entry: Sequence[Any], data: Iterator[bytes]) -> Figure:
    page, caption, width, height, media_type, has_bytes, place = entry
    found = next(data, None) if has_bytes else None
    if has_bytes and found is None:
        raise ValueError("bytes of a figure are missing")
    return Figure(page, caption, width, height, media_type, found, tuple(place) if place else None)


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
