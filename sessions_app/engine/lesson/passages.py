"""Choosing what a lesson quotes from a section: about half of its prose, so that it reads on without the rest.

What brings in the authors' terms is taken first, then what is central and names the concepts; a sentence that points
back brings along the one it points to; neighbours are quoted as one passage.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from documents_app.domain.analysis.types import Section
from documents_app.domain.material import SourceDocument
from documents_app.domain.reading.form import reading_form
from documents_app.domain.summarise import centrality, fitness, needs_antecedent, points_elsewhere
from sessions_app.domain.lesson.types import LessonPassage
from tutor_project.language import Language

_IN_BRACKETS = re.compile(r"\([^()]*\)")
"""An "e.g." in brackets names members of a kind; it does not make the sentence an example."""
_EXPLAINED, _WITH_EXAMPLES = 0.5, 0.6
"""Shares of the words of a section that its explanation takes, and that its examples may add up to."""
_LEAST_WORDS, _MOST_WORDS = 40, 350
"""A section of no more words than the first is quoted whole; the second is as much as is read at once."""
_MAX_CHAIN, _MAX_EXAMPLE = 3, 4
_GAP = 8
"""Characters between two sentences that follow each other directly."""
_NEIGHBOUR = 0.15
_YEAR = re.compile(r"(?<![\d.,])(1[0-9]\d\d|20\d\d)(?![\d.,]*\d)")


@dataclass(frozen=True)
class Prose:
    """The sentences of a section as read, their language, and their vectors as float32 ``[n, d]``."""

    section: Section
    texts: tuple[str, ...]
    vectors: npt.NDArray[np.float32]
    language: Language

    @property
    def words(self) -> list[int]:
        """The number of words of each sentence."""
        return [text.count(" ") + 1 for text in self.texts]

    def follows_directly(self, at: int) -> bool:
        """Tell whether sentence ``at`` comes right after the one before it, with nothing left out between them."""
        before, own = self.section.sentences[at - 1], self.section.sentences[at]
        return at > 0 and own.char_start - before.char_end <= _GAP

    def leans(self, at: int) -> bool:
        """Tell whether sentence ``at`` points back at the one before it."""
        return needs_antecedent(self.texts[at], self.language)

    def teaches_nothing(self, at: int) -> bool:
        """Tell whether a sentence asks, leans on a figure or another place, or speaks of the text itself."""
        return teaches_nothing(self.texts[at], self.language)


def teaches_nothing(text: str, language: Language) -> bool:
    """Tell whether a sentence asks, leans on a figure or another place, or speaks of the text itself."""
    return text.endswith("?") or points_elsewhere(text, language) or _speaks_of_the_text(text, language)


def explanation_indexes(
    prose: Prose, names: Sequence[str], terms_in: Mapping[int, frozenset[str]], asked: Sequence[int] = ()
) -> list[int]:
    """Return the sentences to quote, ascending; at least one if there is any.

    ``names`` are the concepts of the section, ``terms_in`` the terms that the authors set apart in each sentence, ``asked``
    the sentences that the section's check questions are about: nobody is asked what was not said before.
    """
    words = prose.words
    total = sum(words)
    if not words:
        return []
    if total <= _LEAST_WORDS:
        return [at for at in range(len(words)) if not prose.teaches_nothing(at)] or [0]
    allowed = min(max(_EXPLAINED * total, _LEAST_WORDS), _MOST_WORDS)
    chosen: set[int] = set()
    for at in [*asked, *_bringing_in(terms_in, words), *_by_worth(prose, names)]:
        chain = with_antecedents(prose, at)
        added = set(chain or ()) - chosen
        if added and sum(words[i] for i in chosen | added) <= allowed:
            chosen |= added
    return sorted(chosen) or [min(range(len(words)), key=lambda at: (prose.teaches_nothing(at), prose.leans(at), at))]


def _bringing_in(terms_in: Mapping[int, frozenset[str]], words: Sequence[int]) -> list[int]:
    """Return the sentences that together name every term once, those with the most new terms for their length first."""
    left = set().union(*terms_in.values()) if terms_in else set()
    order: list[int] = []
    while left:
        best = max(terms_in, key=lambda at: (len(terms_in[at] & left) / words[at], -at))
        if not terms_in[best] & left:
            break
        order.append(best)
        left -= terms_in[best]
    return order


def _by_worth(prose: Prose, names: Sequence[str]) -> list[int]:
    """Return the sentences by worth, the next one always in the light of those before it: neighbours say more together."""
    scores = _scores(prose, names)
    order: list[int] = []
    open_ = set(range(len(scores)))
    while open_:
        best = max(open_, key=lambda at: (scores[at], -at))
        open_.discard(best)
        order.append(best)
        for near in (best - 1, best + 1):
            if near in open_ and prose.follows_directly(max(near, best)):
                scores[near] += _NEIGHBOUR
    return order


def _scores(prose: Prose, names: Sequence[str]) -> npt.NDArray[np.float64]:
    wanted = [frozenset(prose.language.content_stems(name)) for name in names]
    central = centrality(prose.vectors)
    scores = np.zeros(len(prose.texts))
    for at, text in enumerate(prose.texts):
        stems = frozenset(prose.language.content_stems(text))
        named = sum(name <= stems for name in wanted) / max(1, min(3, len(wanted)))
        place = 1.6 if at == 0 else 0.6 if at == 1 else 0.3 * (1 - at / len(prose.texts))
        scores[at] = 0.35 * central[at] + 0.25 * min(1.0, named) + 0.25 * place + 0.3 * fitness(text, prose.language)
    return scores


def with_antecedents(prose: Prose, at: int) -> list[int] | None:
    """The sentence and those before it that it points back to; None if the chain is too long, broken or teaches nothing."""
    chain = [at]
    while not prose.teaches_nothing(chain[0]):
        if not prose.leans(chain[0]):
            return chain
        if chain[0] == 0 or len(chain) >= _MAX_CHAIN or not prose.follows_directly(chain[0]):
            return None
        chain.insert(0, chain[0] - 1)
    return None


def example_runs(prose: Prose, taken: Sequence[int], limit: int = 2) -> list[list[int]]:
    """Return runs of sentences that give an example, each with what it is an example of, as far as there is room."""
    words = prose.words
    room = _WITH_EXAMPLES * sum(words) - sum(words[at] for at in taken)
    runs: list[list[int]] = []
    used = set(taken)
    for at, text in enumerate(prose.texts):
        if len(runs) >= limit or at in used or not is_example(text, prose.language):
            continue
        run = with_antecedents(prose, at)
        if run is None:
            continue
        after = at + 1
        while (
            after < len(words)
            and len(run) < _MAX_EXAMPLE
            and prose.leans(after)
            and prose.follows_directly(after)
            and not prose.teaches_nothing(after)
        ):
            run.append(after)
            after += 1
        cost = sum(words[i] for i in run)
        if not used & set(run) and cost <= room:
            runs.append(run)
            used.update(run)
            room -= cost
    return runs


def is_example(text: str, language: Language) -> bool:
    """Tell whether a sentence gives an example."""
    pattern = _cues(language, "example_cues")
    return pattern is not None and pattern.search(_IN_BRACKETS.sub("", text)) is not None


def _speaks_of_the_text(text: str, language: Language) -> bool:
    pattern = _cues(language, "about_the_text")
    return pattern is not None and pattern.match(text) is not None


@lru_cache(maxsize=64)
def _cues(language: Language, name: str) -> re.Pattern[str] | None:
    """Return the pattern of a list of phrases that stand as whole words."""
    phrases = sorted(language.phrases(name), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, phrases))})(?!\w)", re.IGNORECASE) if phrases else None


def compared(texts: Sequence[str], names: Sequence[str], language: Language) -> tuple[str, str] | None:
    """Return two concepts that a sentence of ``texts`` sets against each other, None where none does.

    One stands before the words that compare and one behind them, or both behind.
    """
    pattern = _cues(language, "contrasts")
    for text in texts if pattern else ():
        for start, end in language.sentences(text):
            cue = pattern.search(text, start, end) if pattern else None
            if cue is None:
                continue
            before = _named_in(text[start : cue.start()], names, language)
            behind = _named_in(text[cue.end() : end], names, language)
            for first in [*before, *behind]:
                for second in behind:
                    if not set(language.content_stems(first)) & set(language.content_stems(second)):
                        return first, second
    return None


def _named_in(text: str, names: Sequence[str], language: Language) -> list[str]:
    stems = set(language.content_stems(text))
    return [name for name in names if set(language.content_stems(name)) <= stems]


def timeline(texts: Sequence[str]) -> list[tuple[str, int]]:
    """Return ``(year, place in texts)`` where at least three texts name a year each, the years going up; else nothing."""
    dated = [(found[1], at) for at, text in enumerate(texts) if (found := _YEAR.search(text))]
    years = [int(year) for year, _ in dated]
    return dated if len(set(years)) >= 3 and years == sorted(years) else []


def passages(document: SourceDocument, section: Section, indexes: Sequence[int]) -> list[LessonPassage]:
    """Return the chosen sentences as passages; neighbours with only white space between them are one."""
    text = document.content.text
    found: list[LessonPassage] = []
    run: list[int] = []
    for at in [*indexes, -1]:
        if run and (at != run[-1] + 1 or not _same_paragraph(text, section, run[-1])):
            start, end = section.sentences[run[0]].char_start, section.sentences[run[-1]].char_end
            citation = document.cite(start, end)
            found.append(LessonPassage(reading_form(citation.text), citation))
            run = []
        run.append(at)
    return found


def _same_paragraph(text: str, section: Section, at: int) -> bool:
    between = text[section.sentences[at].char_end : section.sentences[at + 1].char_start]
    return not between.strip() and not re.search(r"\n[ \t\r]*\n|\f", between)
