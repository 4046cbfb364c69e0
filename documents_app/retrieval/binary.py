"""Rows of the search tables in PostgreSQL's binary COPY format, built in bulk.

Format: PostgreSQL documentation, "COPY", section Binary Format; halfvec: pgvector ``halfvec_send`` (int16
dimensions, int16 zero, big-endian half floats). A row a time through the driver costs ten times as much.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from uuid import UUID

import numpy as np
import numpy.typing as npt

from documents_app.domain.passage_ids import PassageIds

HEADER = b"PGCOPY\n\xff\r\n\x00" + struct.pack(">ii", 0, 0)
TRAILER = struct.pack(">h", -1)

POSTING_COLUMNS = "owner_id, term, document_id, data"
STEMS_COLUMNS = "document_id, ordinal, data"
VECTOR_COLUMNS = "space_id, document_id, ordinal, owner_id, session_id, embedding"

_INT8 = struct.Struct(">iq")
_INT4 = struct.Struct(">i")


def posting_rows(owner_id: UUID, document_id: UUID, postings: Iterable[tuple[int, bytes]]) -> Iterator[bytes]:
    """Yield rows of POSTING_COLUMNS."""
    before = struct.pack(">h", 4) + _uuid(owner_id)
    after = _uuid(document_id)
    for term, data in postings:
        yield b"".join((before, _INT8.pack(8, term), after, _INT4.pack(len(data)), data))


def stem_rows(document_id: UUID, chunks: Iterable[tuple[int, bytes]]) -> Iterator[bytes]:
    """Yield rows of STEMS_COLUMNS."""
    before = struct.pack(">h", 3) + _uuid(document_id)
    for ordinal, data in chunks:
        yield b"".join((before, struct.pack(">iii", 4, ordinal, len(data)), data))


def vector_rows(
    space_id: int, owner_id: UUID, session_id: UUID, passages: PassageIds, vectors: npt.NDArray[np.float32]
) -> bytes:
    """Return rows of VECTOR_COLUMNS for ``vectors``: float32 ``[n, d]``."""
    count, dimensions = vectors.shape
    layout = np.dtype(
        [
            ("fields", ">i2"),
            ("space_size", ">i4"), ("space", ">i4"),
            ("document_size", ">i4"), ("document", "V16"),
            ("ordinal_size", ">i4"), ("ordinal", ">i4"),
            ("owner_size", ">i4"), ("owner", "V16"),
            ("session_size", ">i4"), ("session", "V16"),
            ("vector_size", ">i4"), ("dimensions", ">i2"), ("unused", ">i2"), ("values", ">f2", (dimensions,)),
        ]
    )  # fmt: skip
    rows = np.zeros(count, dtype=layout)
    rows["fields"] = 6
    rows["space_size"] = rows["ordinal_size"] = 4
    rows["document_size"] = rows["owner_size"] = rows["session_size"] = 16
    rows["space"], rows["ordinal"] = space_id, passages.ordinals
    rows["document"] = np.ascontiguousarray(passages.documents).view("V16")[:, 0]
    rows["owner"], rows["session"] = np.void(owner_id.bytes), np.void(session_id.bytes)
    rows["vector_size"], rows["dimensions"], rows["values"] = 4 + 2 * dimensions, dimensions, vectors
    return rows.tobytes()


def _uuid(value: UUID) -> bytes:
    return struct.pack(">i", 16) + value.bytes
