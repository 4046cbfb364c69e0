"""Weighted fusion of lexical and dense scores over the candidates of both.

Scores are brought to one scale by their mean and standard deviation over the candidates (z-scores), which beats
reciprocal ranks here because how much better the best one is carries information. A list without spread says nothing
and counts as nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def standardised(scores: npt.ArrayLike) -> Floats:
    """Return the z-scores; all zeros if the scores do not differ."""
    values = np.asarray(scores, dtype=np.float64)
    deviation = values.std() if len(values) else 0.0
    if deviation < 1e-12:
        return np.zeros_like(values)
    return np.asarray((values - values.mean()) / deviation, dtype=np.float64)


def fused(lexical: npt.ArrayLike, dense: npt.ArrayLike, *, dense_weight: float) -> Floats:
    """Return the weighted sum of the standardised scores of the same candidates."""
    return dense_weight * standardised(dense) + (1 - dense_weight) * standardised(lexical)


def presentable(scores: npt.ArrayLike) -> Floats:
    """Return scores in (0, 1) for display: the logistic of a fused score; order is kept."""
    return np.asarray(1 / (1 + np.exp(-np.asarray(scores, dtype=np.float64))), dtype=np.float64)


def best(scores: Floats, limit: int) -> npt.NDArray[np.int64]:
    """Return the positions of the ``limit`` best scores, best first, ties in order of position."""
    if len(scores) > 4 * limit:
        kept = np.sort(np.argpartition(-scores, limit)[:limit])
        return np.asarray(kept[np.argsort(-scores[kept], kind="stable")], dtype=np.int64)
    return np.asarray(np.argsort(-scores, kind="stable")[:limit], dtype=np.int64)
