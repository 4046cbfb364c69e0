"""Questions that ask what a learner's bank already asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sessions_app.domain.questions.lint import GAP
from sessions_app.domain.questions.text import content_roots
from sessions_app.domain.questions.types import TRUE_OPTION, CandidateQuestion, QuestionKind, canonical

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

    @property
    def words(self) -> frozenset[str]:
        """The content roots of what it says once answered."""
        return asked_words(self.stem, self.key_text)


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
    own = BankItem.of(question)
    near: list[BankItem] = []
    for item in bank:
        if _asks_the_same(own, item):
            return item
        if _may_ask_the_same(own, item):
            near.append(item)
    if near and embed is not None:
        vectors = embed([question.stem, *(item.stem for item in near)])
        scores = vectors[1:] @ vectors[0]
        best = int(np.argmax(scores))
        if float(scores[best]) >= SAME_MEANING:
            return near[best]
    return None


def _asks_the_same(own: BankItem, item: BankItem) -> bool:
    """Tell whether two items have one stem, or nearly all words in common; one sentence made false in two places is one."""
    if canonical(own.stem) == canonical(item.stem):
        return True
    shared = _shared(own, item)
    statements = own.kind == item.kind == QuestionKind.TRUE_FALSE.value
    return (shared >= SAME_WORDS and _same_numbers(own.words, item.words)) or (statements and shared >= SAME_STATEMENT)


def _may_ask_the_same(own: BankItem, item: BankItem) -> bool:
    """Tell whether two items have so many words in common that their meaning decides."""
    statement = TRUE_OPTION.text in {own.key_text, item.key_text}
    same_answer = frozenset(content_roots(own.key_text)) == frozenset(content_roots(item.key_text))
    return _shared(own, item) >= SAME_WORDS_AND_MEANING and (statement or same_answer)


def _shared(own: BankItem, item: BankItem) -> float:
    """Return the similarity of the words of two items, 0 where their numbers alone show that it is too little."""
    few, many = sorted((len(own.words), len(item.words)))
    return 0.0 if few < SAME_WORDS_AND_MEANING * many else similarity(own.words, item.words)


def _same_numbers(a: frozenset[str], b: frozenset[str]) -> bool:
    return {part for part in a if part.isdigit()} == {part for part in b if part.isdigit()}
