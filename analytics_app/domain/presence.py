"""Exact counts of distinct members over many windows.

Each window stores the numbers of its distinct members; the union over windows is their set union, so distinct counts
are exact for any range and merge in any order.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Members = NDArray[np.int64]

_HEADER_BYTES = 20
_DTYPE = np.dtype(">i4")


def members_from_wire(data: bytes) -> Members:
    """Members of PostgreSQL's binary form of a one-dimensional ``int4[]`` without nulls (``array_send``).

    After a header of five words come pairs of (length, value), four bytes each.
    """
    if len(data) <= _HEADER_BYTES:
        return np.empty(0, dtype=np.int64)
    return np.frombuffer(data, dtype=_DTYPE, offset=_HEADER_BYTES)[1::2].astype(np.int64)


def count_distinct(parts: Iterable[Members]) -> int:
    """Number of distinct members over all ``parts`` (members are small numbers, so a mask beats a sort)."""
    arrays = [part for part in parts if part.size]
    if not arrays:
        return 0
    mask = np.zeros(max(int(part.max()) for part in arrays) + 1, dtype=np.bool_)
    for part in arrays:
        mask[part] = True
    return int(mask.sum())
