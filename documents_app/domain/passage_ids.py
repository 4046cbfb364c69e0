"""Identity of passages in bulk: document ids and ordinals as arrays, matched by a 64-bit key."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]

_HIGH = np.uint64(0x9E3779B97F4A7C15)
_LOW = np.uint64(0xC2B2AE3D27D4EB4F)
_ORDINAL = np.uint64(0x165667B19E3779F9)


@dataclass(frozen=True, slots=True)
class PassageIds:
    """Passages as ``documents``: uint8 ``[n, 16]`` (UUID bytes) and ``ordinals``: int64 ``[n]``."""

    documents: npt.NDArray[np.uint8]
    ordinals: Ints

    @classmethod
    def of(cls, documents: bytes, ordinals: Ints) -> PassageIds:
        """Return the ids of ``n`` passages from ``16 × n`` bytes and ``n`` ordinals."""
        return cls(np.frombuffer(documents, dtype=np.uint8).reshape(-1, 16), ordinals)

    def __len__(self) -> int:
        return len(self.ordinals)

    def take(self, places: Ints) -> PassageIds:
        """Return the passages at ``places``, in that order."""
        return PassageIds(self.documents[places], self.ordinals[places])

    def joined(self, other: PassageIds) -> PassageIds:
        """Return these passages followed by the other ones."""
        return PassageIds(
            np.concatenate([self.documents, other.documents]), np.concatenate([self.ordinals, other.ordinals])
        )

    def document(self, place: int) -> UUID:
        """Return the document of the passage at ``place``."""
        return UUID(bytes=self.documents[place].tobytes())

    def document_uuids(self) -> list[UUID]:
        """Return the documents of all passages."""
        data = self.documents.tobytes()
        return [UUID(bytes=data[start : start + 16]) for start in range(0, len(data), 16)]

    def keys(self) -> Keys:
        """Return a 64-bit key for each passage; two passages share one with probability 2⁻⁶⁴."""
        return document_keys(self.documents) + self.ordinals.astype(np.uint64) * _ORDINAL


def document_keys(documents: npt.NDArray[np.uint8]) -> Keys:
    """Return a 64-bit key for each row of UUID bytes."""
    halves = np.ascontiguousarray(documents).view(np.uint64)
    mixed = (halves[:, 0] * _HIGH) ^ (halves[:, 1] * _LOW)
    return np.asarray(mixed ^ (mixed >> np.uint64(29)), dtype=np.uint64)


def positions(wanted: Keys, known: Keys) -> Ints:
    """Return the place of each wanted key in ``known``, or -1."""
    if not len(known):
        return np.full(len(wanted), -1, dtype=np.int64)
    order = np.argsort(known, kind="stable")
    places = np.minimum(np.searchsorted(known, wanted, sorter=order), len(known) - 1)
    found = order[places]
    return np.where(known[found] == wanted, found, -1)
