"""What a search answers with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from documents_app.domain.material import Citation


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its score in (0, 1); neighbouring chunks are one passage."""

    score: float
    citation: Citation


@dataclass(frozen=True, slots=True)
class SearchCoverage:
    """How much of the scope the answer rests on, and how far a re-embed is.

    ``searched`` and ``rebuilt`` are shares in [0, 1] of the scope's chunks; ``rebuilt`` is None when no new generation
    is being built.
    """

    model: str
    searched: float
    rebuilding: str | None = None
    rebuilt: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the coverage as the API sends it."""
        answer: dict[str, Any] = {"model": self.model, "searched": round(self.searched, 4)}
        if self.rebuilding is not None and self.rebuilt is not None:
            answer |= {"rebuilding": self.rebuilding, "rebuilt": round(self.rebuilt, 4)}
        return answer


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits, best first, and the coverage behind them."""

    hits: tuple[Hit, ...]
    coverage: SearchCoverage
