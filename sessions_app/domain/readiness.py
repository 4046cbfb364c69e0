"""How ready a learner is for an exam: the expected share of marks on the day, with an interval.

For each concept: the chance that the learner answers it rightly (its mastery), carried to the day by memory. Memory is what
FSRS expects of the concept's cards on that day when reviews go as planned, against the recall at which answers are usually
given. A concept nobody has asked yet rests on its mastery alone, whose interval is wide.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

INTERVAL_Z = 1.6448536269514722
"""Two-sided 90 % of the normal distribution."""
SHARED = 0.2
"""How much of the doubt about one concept is doubt about the learner, shared by all; chosen on replayed learners so that nine of
ten intervals hold the marks (``benchmarks/readiness.py``)."""


@dataclass(frozen=True, slots=True)
class ConceptOutlook:
    """A concept before the exam: mastery with its 90 % interval, and recall of its cards on the day over the usual recall
    (1 where it has no cards)."""

    concept: str
    probability: float
    low: float
    high: float
    memory: float = 1.0

    @property
    def expected_share(self) -> float:
        """The expected share of this concept's marks."""
        return min(max(self.probability * self.memory, 0.0), 1.0)

    @property
    def deviation(self) -> float:
        """The standard deviation of the share."""
        return (self.high - self.low) / (2 * INTERVAL_Z) * min(self.memory, 1.0)

    @property
    def luck(self) -> float:
        """The variance of the marks of one question, which is right or wrong, at the expected share."""
        return self.expected_share * (1 - self.expected_share)


def memory_on_day(recalls: Sequence[float], usual: float) -> float:
    """Return the mean recall of a concept's cards over the ``usual`` one at which they are answered, at most 1."""
    return min(1.0, sum(recalls) / len(recalls) / usual) if recalls else 1.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """The expected share of marks over all concepts with its 90 % interval; None where there are no concepts."""

    expected_share: float | None
    low: float | None
    high: float | None


def readiness(concepts: Sequence[ConceptOutlook]) -> Readiness:
    """Return the expected share of marks when every concept carries as many.

    The interval is that of the marks of an exam with one question a concept: doubt about what is known, and luck.
    """
    if not concepts:
        return Readiness(None, None, None)
    share = sum(concept.expected_share for concept in concepts) / len(concepts)
    total = sum(concept.deviation for concept in concepts)
    squares = sum(concept.deviation**2 for concept in concepts)
    luck = sum(concept.luck for concept in concepts)
    deviation = math.sqrt(SHARED * total**2 + (1 - SHARED) * squares + luck) / len(concepts)
    low, high = share - INTERVAL_Z * deviation, share + INTERVAL_Z * deviation
    return Readiness(round(share, 4), round(max(low, 0.0), 4), round(min(high, 1.0), 4))
