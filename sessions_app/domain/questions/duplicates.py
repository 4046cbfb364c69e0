"""Questions that ask what a learner's bank already asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sessions_app.domain.questions.lint import GAP
from sessions_app.domain.questions.text import content_roots
from sessions_app.domain.questions.types import CandidateQuestion, canonical, fingerprint

Embed = Callable[[Sequence[str]], npt.NDArray[np.float32]]

SAME_WORDS = 0.8
SAME_WORDS_AND_MEANING = 0.6
SAME_MEANING = 0.93
SAME_STATEMENT = 0.6


@dataclass(frozen=True, slots=True)
class BankItem:
    """A question of the bank as far as comparison needs it."""

    kind: str
    stem: str
    key_text: str

    @classmethod
    def of(cls, question: CandidateQuestion) -> BankItem:
        """Return the item of a question."""
        return cls(question.kind.value, question.stem, question.key_text)


@lru_cache(maxsize=16384)
def asked_words(stem: str, key_text: str) -> frozenset[str]:
    """Return the content roots of what a question says once answered; the wording of the question left out."""
    answer = "" if key_text in {"True", "False"} else key_text
    return frozenset(content_roots(f"{GAP.sub(' ', stem)} {answer}")) - {"following", "follow", "term", "mean"}


def similarity(a: frozenset[str], b: frozenset[str]) -> float:
    """Return the Jaccard similarity of two sets of roots."""
    return len(a & b) / len(a | b) if a or b else 1.0


def near_duplicate(
    question: CandidateQuestion, bank: Iterable[BankItem], embed: Embed | None = None
) -> BankItem | None:
    """Return an item of the bank that asks the same, or None.

    Same: equal fingerprint; ≥ 0.8 of the content words in common; or ≥ 0.6 in common and the stems within cosine 0.93
    (when ``embed`` is given). An equal stem is the same question whatever its kind.
    """
    mine = asked_words(question.stem, question.key_text)
    own = question.fingerprint
    own_key = frozenset(content_roots(question.key_text))
    near: list[BankItem] = []
    for item in bank:
        if (
            item.stem == question.stem
            and item.kind == question.kind
            and fingerprint(item.kind, item.stem, item.key_text) == own
        ):
            return item
        theirs = asked_words(item.stem, item.key_text)
        if canonical(item.stem) == canonical(question.stem):
            return item
        if min(len(mine), len(theirs)) < SAME_WORDS_AND_MEANING * max(len(mine), len(theirs)):
            continue
        shared = similarity(mine, theirs)
        if shared >= SAME_WORDS and _same_numbers(mine, theirs):
            return item
        if item.kind == question.kind.value == "true_false" and shared >= SAME_STATEMENT:
            return item  # one sentence made false in two places
        if shared >= SAME_WORDS_AND_MEANING and (
            own_key == frozenset(content_roots(item.key_text)) or "True" in {question.key_text, item.key_text}
        ):
            near.append(item)
    if near and embed is not None:
        vectors = embed([question.stem, *(item.stem for item in near)])
        scores = vectors[1:] @ vectors[0]
        best = int(np.argmax(scores))
        if float(scores[best]) >= SAME_MEANING:
            return near[best]
    return None


def _same_numbers(a: frozenset[str], b: frozenset[str]) -> bool:
    return {part for part in a if part.isdigit()} == {part for part in b if part.isdigit()}
