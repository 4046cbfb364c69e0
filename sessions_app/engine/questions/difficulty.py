"""The first estimate of how hard a question is, from figures anyone can recompute; measured facility replaces it."""

from __future__ import annotations

from collections.abc import Mapping

from sessions_app.domain.questions.types import DifficultyLevel, QuestionKind

_KIND = {
    QuestionKind.TRUE_FALSE: -0.12,
    QuestionKind.MULTIPLE_CHOICE: 0.0,
    QuestionKind.CLOZE: 0.08,
    QuestionKind.SHORT_ANSWER: 0.12,
    QuestionKind.NUMERIC: 0.12,
}
EASY_BELOW = 0.36
HARD_FROM = 0.46


def estimate(
    *, basis: float, kind: QuestionKind, closeness: float, rarity: float, stem_words: int
) -> Mapping[str, float]:
    """Return the figures and their sum ``difficulty`` in [0, 1].

    ``basis``: demand of the pattern; ``closeness``: mean cosine of wrong options to the right one; ``rarity``: 0 for
    a concept named all over the material, 1 for one named once; ``stem_words``: length of the stem.
    """
    total = basis + _KIND[kind] + 0.25 * (closeness - 0.35) + 0.14 * (rarity - 0.5) + 0.006 * (min(stem_words, 32) - 14)
    return {
        "basis": round(basis, 3),
        "closeness": round(closeness, 3),
        "rarity": round(rarity, 3),
        "stem_words": float(stem_words),
        "difficulty": round(min(1.0, max(0.0, total)), 3),
    }


def level_of(figures: Mapping[str, float]) -> DifficultyLevel:
    """Return the label for estimated figures."""
    value = figures["difficulty"]
    if value < EASY_BELOW:
        return DifficultyLevel.EASY
    return DifficultyLevel.HARD if value >= HARD_FROM else DifficultyLevel.MEDIUM
