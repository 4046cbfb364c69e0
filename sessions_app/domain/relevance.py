"""Whether a place of the material is one that a question is about.

A sentence can be true, quoted word for word, and answer nothing: a model that does not find the answer cites what stands
near. What tells is where the question's own words stand. But a right answer may use other words. So a place is off the
point in two cases only: another place that was found says nearly all of the question and this one almost none of it, or
the question names somebody or something that the whole passage does not name.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sessions_app.domain.asking import language_of_question
from sessions_app.domain.claims import foreign_names, names_in
from tutor_project.language import Language

SAYS_THE_QUESTION = 0.6
"""Share of a question's words, rare ones counting more, from which on a place is surely about it."""
OFF_THE_POINT = 0.35
"""Share below which a place is not, where another one is: over the hand-written questions about the chapters this refuses 3 %
of the sentences that do answer and 30 % of the others."""


@dataclass(frozen=True, slots=True)
class AnswerPlace:
    """A passage that was found: its headings and its sentences in order."""

    headings: str
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        """All that it says."""
        return " ".join((self.headings, *self.sentences))


class Relevance:
    """What a question asks about, over the places that were found for it; ``tongue`` is the language of the material."""

    def __init__(self, question: str, places: Sequence[AnswerPlace], tongue: Language) -> None:
        self._question, self._places, self._tongue = question, places, tongue
        self._same_language = language_of_question(question).tag == tongue.tag

    def is_off_the_point(self, place: int, sentences: Sequence[int]) -> bool:
        """Tell whether some sentences of a place, read with their neighbours and heading, are not what is asked about."""
        return self._says_too_little(place, sentences) or self._lacks_the_names(place)

    def _says_too_little(self, place: int, sentences: Sequence[int]) -> bool:
        shares = self._shares
        own = max((shares[place][at] for at in sentences), default=1.0)
        return own < OFF_THE_POINT and max(map(max, filter(None, shares)), default=0.0) >= SAYS_THE_QUESTION

    def _lacks_the_names(self, place: int) -> bool:
        """Tell whether a question has names and none of them stands in a place. A translated name would not, and proves nothing."""
        if not self._same_language:
            return False
        names = names_in(self._question)
        return bool(names) and len(foreign_names(self._question, self._places[place].text)) == len(names)

    @cached_property
    def _shares(self) -> list[list[float]]:
        """For each sentence of each place the share of the question's words that it, its neighbours and its heading say."""
        stems = [[set(self._tongue.content_stems(text)) for text in place.sentences] for place in self._places]
        spread = Counter(stem for sentences in stems for said in sentences for stem in said)
        total = sum(map(len, stems))
        asked = set(self._tongue.content_stems(self._question))
        weights = {stem: math.log(1 + total / (1 + spread[stem])) for stem in asked}
        whole = sum(weights.values()) or 1.0
        shares = []
        for place, sentences in zip(self._places, stems, strict=True):
            titled = set(self._tongue.content_stems(place.headings))
            shares.append(
                [
                    sum(weights[stem] for stem in asked & titled.union(*sentences[max(at - 1, 0) : at + 2])) / whole
                    for at in range(len(sentences))
                ]
            )
        return shares
