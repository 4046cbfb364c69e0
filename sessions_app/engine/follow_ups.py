"""Answers to what leans on the last answer: "more simply", "an example?", "why?", "and the second one?".

The passages are those that a search for the subject finds; out of them comes the sentence that does what was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from documents_app.domain.matter.defining import definition_in
from documents_app.domain.matter.standing import leans
from documents_app.domain.normalise import search_form
from documents_app.retrieval.passages import FoundPassage, FoundPassages
from sessions_app.domain.answers import Answer, AnswerPassage, AnswerStatus
from sessions_app.domain.dialogue.saying import Wish
from sessions_app.engine.answer import declined, related
from tutor_project.language import Language, fold, language

_LEAST_WORDS, _MOST_WORDS = 4, 45
_ABOUT = 0.34
"""The share of the subject's words from which a sentence, or the one before it, is about the subject."""
_MOSTLY_ABOUT = 0.5
"""A reason or an example has to have more than this share, or that of a member of a kind is told of its neighbour."""
_WORDS_EXPLAINED = 2
_ITEM = re.compile(r"^\s*(?:[-*•–·▪◦‣]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+(?P<text>\S.*)$", re.MULTILINE)
_MOST_LETTERS_OF_ITEM = 120


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence of a passage: its span in the stored text, and its reading form.

    ``about``: the share of the subject's words in it; ``near``: where it leans on the sentence before it, also those of that one.
    """

    passage: FoundPassage
    span: tuple[int, int]
    text: str
    about: float
    near: float

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(self.text.split())


def follow_up(wish: Wish, subject: str, found: FoundPassages) -> Answer:
    """Answer a wish about ``subject`` from the passages that a search for it found."""
    spoken = language(found.language)
    sentences = list(_sentences(subject, found, spoken))
    choose: dict[Wish, Callable[[Sequence[_Sentence], Language], list[_Sentence]]] = {
        Wish.CONFUSED: _simplest, Wish.SIMPLER: _simplest, Wish.EXAMPLE: _examples, Wish.WHY: _reasons,
    }  # fmt: skip
    chosen = choose[wish](sentences, spoken)
    if not chosen:
        return declined(spoken, "follow_up_nothing", found.certainty)
    return Answer(
        text="\n\n".join(sentence.text for sentence in chosen),
        passages=tuple(_shown(sentence) for sentence in chosen),
        status=AnswerStatus.ANSWERED,
        confidence=round(chosen[0].near, 3),
        related_sections=related([sentence.passage for sentence in chosen]),
        language=found.language,
    )


def _sentences(subject: str, found: FoundPassages, spoken: Language) -> Iterator[_Sentence]:
    """Yield the sentences of the passages with how much they are about the subject."""
    wanted = frozenset(spoken.content_stems(subject))
    for passage in found.passages:
        before, titles = 0.0, {search_form(title) for title in passage.headings}
        for start, end in spoken.sentences(passage.citation.text):
            text = search_form(passage.citation.text[start:end])
            if text in titles:
                continue
            about = _share(wanted, frozenset(spoken.content_stems(text)))
            at = passage.citation.char_start
            yield _Sentence(
                passage, (at + start, at + end), text, about, max(about, 0.8 * before) if leans(text, spoken) else about
            )
            before = about


def _share(wanted: frozenset[str], held: frozenset[str]) -> float:
    return len(wanted & held) / len(wanted) if wanted else 0.0


def _shown(sentence: _Sentence) -> AnswerPassage:
    return AnswerPassage(sentence.passage.citation, (sentence.span,), sentence.passage.block_kind.value)


def _simplest(sentences: Sequence[_Sentence], spoken: Language) -> list[_Sentence]:
    """The shortest sentence that defines the subject, else the shortest about it; then the terms in it that are defined too."""
    about = [one for one in sentences if one.about >= _ABOUT and _LEAST_WORDS <= one.words <= _MOST_WORDS]
    defining = [one for one in about if _defines(one, spoken) is not None]
    best = max((one.about for one in defining or about), default=0.0)
    near = [one for one in defining or about if one.about >= 0.6 * best and not one.text.endswith("?")]
    if not near:
        return []
    first = min(near, key=lambda one: one.words)
    return [first, *_words_of(first, sentences, spoken)]


def _defines(sentence: _Sentence, spoken: Language) -> frozenset[str] | None:
    """Return the stems of the term that a sentence defines."""
    defined = definition_in(sentence.text, spoken)
    return frozenset(spoken.content_stems(defined.term)) if defined is not None else None


def _words_of(first: _Sentence, sentences: Sequence[_Sentence], spoken: Language) -> list[_Sentence]:
    """Return the sentences that define a word of ``first``, other than what it defines itself."""
    own, held = _defines(first, spoken) or frozenset(), frozenset(spoken.content_stems(first.text))
    found: dict[frozenset[str], _Sentence] = {}
    for sentence in sentences:
        term = _defines(sentence, spoken)
        if term and term <= held and not term <= own and sentence.span != first.span:
            found.setdefault(term, sentence)
    return list(found.values())[:_WORDS_EXPLAINED]


def _examples(sentences: Sequence[_Sentence], spoken: Language) -> list[_Sentence]:
    return _marked(sentences, spoken, "example_markers")


def _reasons(sentences: Sequence[_Sentence], spoken: Language) -> list[_Sentence]:
    return _marked(sentences, spoken, "causes", "cause_markers")


def _marked(sentences: Sequence[_Sentence], spoken: Language, *marks: str) -> list[_Sentence]:
    """Return the sentence most about the subject that one of the marks stands in."""
    signs = [fold(mark) for name in marks for mark in spoken.phrases(name)]
    fit = [one for one in sentences if one.near > _MOSTLY_ABOUT and any(_has(one.text, sign) for sign in signs)]
    return [max(fit, key=lambda one: one.near)] if fit else []


def _has(text: str, sign: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(sign)}(?!\w)", fold(text)) is not None


def nth_item(place: int, texts: Sequence[str], spoken: Language) -> str | None:
    """Return the ``place``-th (1-based, -1 the last) of what the last answer lists, None where it lists less.

    ``texts`` are what the answer cited: a list in lines, or a sentence with a series in it.
    """
    for text in texts:
        for items in (_lines(text), *(_series(text[start:end], spoken) for start, end in spoken.sentences(text))):
            if len(items) >= max(2, place):
                return items[place - 1 if place > 0 else -1][:_MOST_LETTERS_OF_ITEM]
    return None


def _lines(text: str) -> list[str]:
    return [search_form(found["text"]) for found in _ITEM.finditer(text)]


def _series(sentence: str, spoken: Language) -> list[str]:
    """Return the members of "a, b and c" in a sentence, those behind its colon if it has one."""
    joined = "|".join(re.escape(word) for word in spoken.phrases("series_conjunctions"))
    if not joined:
        return []
    part = search_form(sentence).rpartition(":")[2].strip(" .;")
    pieces = [piece.strip() for piece in re.split(rf"\s*[,;]\s*(?:(?:{joined})\s+)?|\s+(?:{joined})\s+", part)]
    return [piece for piece in pieces if piece] if len(pieces) >= 2 else []
