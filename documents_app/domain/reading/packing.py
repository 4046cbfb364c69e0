"""The stored form of a chunk's units: 24 bytes each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from documents_app.domain.blocks import BlockKind
from documents_app.domain.reading.units import Unit

_KINDS = tuple(BlockKind)
_ROW = np.dtype([(name, "<i4") for name in ("char_start", "char_end", "block_start", "block_end", "section", "kind")])


def pack_units(units: Sequence[Unit]) -> bytes:
    """Return units as bytes."""
    rows = [(u.char_start, u.char_end, u.block_start, u.block_end, u.section, _KINDS.index(u.kind)) for u in units]
    return np.array(rows, dtype=_ROW).tobytes()


def unpack_units(data: bytes) -> list[Unit]:
    """Return the units of ``pack_units``."""
    rows = np.frombuffer(data, dtype=_ROW).tolist()
    return [Unit(start, end, low, high, section, _KINDS[kind]) for start, end, low, high, section, kind in rows]
