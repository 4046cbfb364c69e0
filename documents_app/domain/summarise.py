"""Ranking of sentences: how central each is to its text, and whether it can stand alone.

Centrality by embeddings against the centroid, position, and the concepts a sentence carries; a choice without
repetition by maximal marginal relevance (Carbonell and Goldstein, 1998).
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

_DANGLING = re.compile(
    r"^[\"“‘(]*(?:(?:this|these|those|that|it|its|they|their|them|he|she|his|her|him|such|both|the (?:former|latter|same|other|others|"
    r"following|above|result|results|reason|resulting|process is|authors?)|the (?:first|second|third|"
    r"two|three|four)(?= (?:is|was|are|were|have|one|of (?:these|them)|"
    r"others?|types?|kinds?|groups?)\b|,)|here|"
    r"there(?:fore)?|thus|hence|however|moreover|furthermore|nevertheless|nonetheless|instead|otherwise|consequently|accordingly|"
    r"also|then|similarly|likewise|conversely|additionally|meanwhile|finally|afterwards?|subsequently|still|yet|but|and|so|or|"
    r"besides|indeed|again|as a (?:result|consequence)|as such|in (?:this|these|that|such|addition|contrast|fact|other words|turn|"
    r"particular|general|both|either|summary|conclusion|comparison)|on the (?:other|contrary)|by (?:contrast|comparison|this|these)|"
    r"for (?:example|instance|this|these|that)|at (?:this|that|these)|from (?:this|these|that)|"
    r"with (?:this|these)|because of (?:this|these|its)|"
    r"due to (?:this|these|its)|like(?: the)? (?:this|these|other)|unlike (?:this|these|it|them)|"
    r"one (?:example|such|of (?:these|them|the(?: \w+)? theories))|"
    r"another(?: \w+)?|others?|some (?:of (?:these|them)|others?)|many of (?:these|them)|most of (?:these|them)|"
    r"all (?:of )?(?:these|this)|each(?: of (?:these|them))?|after (?:this|these|that)|before (?:this|that)|until (?:this|then)|"
    r"since then|neither|either|if so|while (?:this|these|it|they)|although (?:this|these|it|they)|when (?:this|these|it|they|he|she)|"
    r"once (?:this|these|it|they)|if (?:this|these|it|they)|only then|much of (?:this|these)|part of (?:this|these)|rather|specifically|"
    r"more specifically|more recently|at the same time|to (?:this|these|do (?:this|so)))\b)",
    re.IGNORECASE,
)
_EXPLETIVE = re.compile(
    r"^(?:It (?:is|was|has been|can be|may be|should be|follows|seems|"
    r"appears) (?:\w+ly )?(?:\w+ )?(?:that|to|possible|important|known|believed|"
    r"thought|estimated|assumed|clear|useful|necessary)\b|There (?:is|are|was|were|exists?|have been|has been|may be|can be)\b|"
    r"It takes\b|This (?:chapter|section|book|article|paper|unit|lesson|document|report)\b|"
    r"These chapters\b|In this (?:chapter|section|book|"
    r"article|paper|unit|lesson|document|report)\b)"
)
_LABEL = re.compile(r"^[^\s:]+(?:\s[^\s:]+){0,4}:\s")
_POINTS_ELSEWHERE = re.compile(
    r"\b(?:(?:see|in|from|shown|as) (?:the )?(?:fig(?:ure|\.)?|table|box|chapter|section|equation|eq\.?|appendix|above|below)\s?[\d(A-Z]|"
    r"(?:see|shown|described|mentioned|discussed|given|listed|noted|explained|seen) (?:above|below|"
    r"earlier|previously|later|in the (?:figure|table|next))|"
    r"(?:in|by|on|of|from) (?:this|the) (?:figure|image|picture|diagram|photo(?:graph)?|micrograph|map|chart|illustration)\b|"
    r"(?:the|this) (?:figure|diagram|table|picture|image|photo|graph|chart)s? (?:above|below|shows?|"
    r"on the)|(?:above|below|following) (?:figure|table|diagram|list|equation))\b",
    re.IGNORECASE,
)


def needs_antecedent(sentence: str) -> bool:
    """Tell whether ``sentence`` opens with a word that points back at the sentence before it."""
    return bool(_DANGLING.match(sentence)) and not _EXPLETIVE.match(sentence)


def points_elsewhere(sentence: str) -> bool:
    """Tell whether ``sentence`` leans on a figure, table or another place in the text."""
    return bool(_POINTS_ELSEWHERE.search(sentence)) or sentence.rstrip().endswith(":")


def fitness(sentence: str) -> float:
    """Return how well ``sentence`` stands alone, in [0, 1], by its opening, its length and what it leans on."""
    if sentence.rstrip().endswith(("?", ":", "!")):
        return 0.1
    value = 1.0
    if needs_antecedent(sentence):
        value -= 0.6
    if points_elsewhere(sentence):
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
