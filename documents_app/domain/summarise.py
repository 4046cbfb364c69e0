"""Ranking of sentences: how central each is to its text, and whether it can stand alone.

Centrality by embeddings against the centroid, position, and the concepts a sentence carries; a choice without
repetition by maximal marginal relevance (Carbonell and Goldstein, 1998).
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from documents_app.domain.matter.standing import leans
from tutor_project.language import Language

Vectors = npt.NDArray[np.float32]

_LABEL = re.compile(r"^[^\s:]+(?:\s[^\s:]+){0,4}:\s")


def needs_antecedent(sentence: str, language: Language) -> bool:
    """Tell whether ``sentence`` opens with a word that points back at the sentence before it."""
    return leans(sentence, language) and not _is_expletive(sentence, language)


def _is_expletive(sentence: str, language: Language) -> bool:
    """Tell whether the first word stands for what follows ("It is known that …"), not for what came before."""
    return sentence.lower().startswith(language.phrases("expletives"))


def points_elsewhere(sentence: str, language: Language) -> bool:
    """Tell whether ``sentence`` leans on a figure, table or another place in the text."""
    pattern = _elsewhere(language)
    return sentence.rstrip().endswith(":") or (pattern is not None and pattern.search(sentence) is not None)


@lru_cache(maxsize=32)
def _elsewhere(language: Language) -> re.Pattern[str] | None:
    phrases = "|".join(map(re.escape, language.phrases("elsewhere")))
    figures = "|".join(map(re.escape, language.phrases("figure_words")))
    if not phrases or not figures:
        return None
    return re.compile(rf"\b(?:{phrases})\b|\b(?:{figures})\.?\s?\d", re.IGNORECASE)


def fitness(sentence: str, language: Language) -> float:
    """Return how well ``sentence`` stands alone, in [0, 1], by its opening, its length and what it leans on."""
    if sentence.rstrip().endswith(("?", ":", "!")):
        return 0.1
    value = 1.0
    if needs_antecedent(sentence, language):
        value -= 0.6
    if points_elsewhere(sentence, language):
        value -= 0.4
    if _LABEL.match(sentence):
        value -= 0.3
    count = sentence.count(" ") + 1
    if count < 7:
        value -= 0.25
    if count > 32:
        value -= min(0.5, 0.02 * (count - 32))
    if sentence.count("(") > 2 or sentence.count(",") > 6:
        value -= 0.15
    return max(0.0, value)


def centrality(vectors: Vectors) -> npt.NDArray[np.float32]:
    """Return float32 [n]: cosine of each row of ``vectors`` [n, d] with the centroid, scaled to [0, 1]."""
    if not len(vectors):
        return np.zeros(0, dtype=np.float32)
    centroid = vectors.mean(axis=0)
    norm = float(np.linalg.norm(centroid))
    scores = vectors @ (centroid / norm) if norm else np.zeros(len(vectors), dtype=np.float32)
    low, high = float(scores.min()), float(scores.max())
    scaled: npt.NDArray[np.float32] = ((scores - low) / (high - low) if high > low else scores * 0 + 1).astype(
        np.float32
    )
    return scaled


def pick_diverse(scores: npt.NDArray[np.float32], vectors: Vectors, limit: int, *, trade: float = 0.7) -> list[int]:
    """Return up to ``limit`` indexes, best first: ``trade`` · score − (1 − ``trade``) · likeness to those taken."""
    chosen: list[int] = []
    likeness = np.zeros(len(scores), dtype=np.float32)
    open_ = np.ones(len(scores), dtype=bool)
    while len(chosen) < min(limit, len(scores)):
        value = np.where(open_, trade * scores - (1 - trade) * likeness, -np.inf)
        best = int(np.argmax(value))
        chosen.append(best)
        open_[best] = False
        likeness = np.maximum(likeness, vectors @ vectors[best])
    return chosen
