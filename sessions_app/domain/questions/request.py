"""What an engine is asked for when questions are to be written."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sessions_app.domain.questions.types import DifficultyLevel, QuestionKind


@dataclass(frozen=True, slots=True)
class QuestionRequest:
    """A wish for questions, the same for every engine.

    ``topic`` limits them to what deals with it, ``kinds`` to some kinds (None: any), ``within`` to sections by index
    (None: all). ``avoid`` holds fingerprints and stems that exist already. The same wish and ``seed`` give the same questions.
    """

    count: int
    topic: str | None = None
    difficulty: DifficultyLevel | None = None
    kinds: frozenset[QuestionKind] | None = None
    seed: int = 0
    avoid: Collection[str] = frozenset()
    within: frozenset[int] | None = None

    def wants(self, kind: QuestionKind) -> bool:
        """Tell whether questions of ``kind`` are asked for."""
        return not self.kinds or kind in self.kinds
