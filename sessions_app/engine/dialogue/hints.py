"""The hint ladder: each rung helps a little more, and the answer stands on none of them.

Where to look; what kind of thing is asked; the passage with the answer hidden; the last choice that is left.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from documents_app.domain.material import Citation
from documents_app.domain.reading.form import reading_form
from sessions_app.domain.lesson.types import LessonContent
from sessions_app.domain.questions.types import (
    BooleanKey,
    CandidateQuestion,
    ChoiceKey,
    NumericKey,
    PartsKey,
    TextKey,
    key_text,
)
from sessions_app.domain.speech import Speech
from tutor_project.language import Language, fold
from tutor_project.language.quantities.finding import find_quantities

GAP = "_____"
_LONG_ANSWER = 5
"""Words from which on an answer is a statement rather than a term."""
_REASONS = frozenset({"why"})
_MOST_WORDS_SHOWN = 4
_NEARLY_ALL = 0.75
_COUNTED_ON_FINGERS = 3.0
"""Words for smaller numbers stand in too many sentences that count nothing ("one of them", "the two")."""
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORDS = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


class Rung(StrEnum):
    """The kinds of hints, in the order they are given."""

    PLACE = "place"
    KIND = "kind"
    PASSAGE = "passage"
    NARROW = "narrow"


@dataclass(frozen=True, slots=True)
class Hint:
    """A hint: its words, and for the place also where it leads."""

    rung: Rung
    text: str
    place: dict[str, Any] | None = None
    citations: tuple[Citation, ...] = ()


def ladder(question: CandidateQuestion) -> tuple[Rung, ...]:
    """Return the rungs a question has: one without evidence shows no passage, and of two options none can go."""
    if question.is_open:
        return Rung.PLACE, Rung.KIND, Rung.NARROW  # without the words that answer, the passage would be empty
    left = isinstance(question.key, ChoiceKey) and len(question.options) > 2
    narrows = left or not isinstance(question.key, ChoiceKey | BooleanKey)
    rungs = [Rung.PLACE, Rung.KIND, *([Rung.PASSAGE] if question.evidence else []), *([Rung.NARROW] if narrows else [])]
    return tuple(rungs)


def hint(question: CandidateQuestion, level: int, lesson: LessonContent, say: Speech, content: Language) -> Hint:
    """Return the ``level``-th hint (1-based); ``content`` is the language of the material."""
    rung = ladder(question)[level - 1]
    if rung is Rung.PLACE:
        return place_hint(question, lesson, say, content)
    write: dict[Rung, Callable[[], str]] = {
        Rung.KIND: lambda: _kind(question, say),
        Rung.PASSAGE: lambda: _passage(question, say, content),
        Rung.NARROW: lambda: _narrowed(question, say, content),
    }
    return Hint(rung, write[rung]())


# Where to look -------------------------------------------------------------------------------------------


def place_hint(question: CandidateQuestion, lesson: LessonContent, say: Speech, content: Language) -> Hint:
    """Say in which section and on which page to look; a passage of that section is cited, never the one that answers."""
    if not question.evidence:
        return Hint(Rung.PLACE, say("place_nowhere"))
    proof = question.evidence[0]
    title = reading_form(question.section_title)
    section = title if title and not tells(question, title, content) else ""
    code = "place_section_page" if section else "place_page"
    place = {
        "document_id": proof.document_id, "filename": proof.filename, "page": proof.page_start, "section": section or None,
    }  # fmt: skip
    near = _near(question, proof, lesson, content)
    return Hint(Rung.PLACE, say(code, section=section, page=proof.page_start), place, (near,) if near else ())


def _near(question: CandidateQuestion, proof: Citation, lesson: LessonContent, content: Language) -> Citation | None:
    """Return the sentence of the lesson nearest to the proof that neither holds the answer nor is a part of it."""
    sentences = (
        sentence
        for section in lesson.sections
        for passage in section.explanation
        if passage.citation.document_id == proof.document_id
        for sentence in sentences_of(passage.citation, content)
    )
    fit = [
        sentence
        for sentence in sentences
        if sentence.page_start == proof.page_start
        and not question.rests_on(sentence)
        and not tells(question, sentence.text, content)
    ]
    return min(fit, key=lambda one: abs(one.char_start - proof.char_start), default=None)


def sentences_of(citation: Citation, content: Language) -> Iterator[Citation]:
    """Yield the sentences of a cited passage, each with its own span."""
    for start, end in content.sentences(citation.text):
        yield Citation(
            citation.document_id, citation.filename, citation.page_start, citation.page_end,
            citation.char_start + start, citation.char_start + end, citation.text[start:end],
        )  # fmt: skip


# What is asked -------------------------------------------------------------------------------------------


def _kind(question: CandidateQuestion, say: Speech) -> str:
    key = question.key
    if isinstance(key, BooleanKey):
        return say("kind_true_false")
    if isinstance(key, PartsKey):
        return say("kind_parts", count=len(key.parts))
    if isinstance(key, NumericKey):
        return say("kind_number_unit", unit=key.unit) if key.unit else say("kind_number")
    words = question.key_text.split()
    if question.pattern in _REASONS:
        return say("kind_reason")
    if question.is_open:
        return say("kind_own_words")
    if _NUMBER.match(question.key_text):
        return say("kind_number")
    if len(words) >= _LONG_ANSWER:
        return say("kind_statement")
    if isinstance(key, ChoiceKey):
        return say("kind_term")
    return say("kind_one_word") if len(words) == 1 else say("kind_words", count=len(words))


# The passage with the answer hidden ----------------------------------------------------------------------


def _passage(question: CandidateQuestion, say: Speech, content: Language) -> str:
    passage = reading_form(question.evidence[0].text)
    if isinstance(question.key, BooleanKey):
        return say("passage_compare", passage=_with_gap_at_difference(passage, question, content))
    return say("passage", passage=hidden(passage, question, content))


def hidden(passage: str, question: CandidateQuestion, content: Language) -> str:
    """Return a passage with the answer taken out: its words as they stand, else the words of it that the question lacks."""
    blanked = passage
    for start, end in reversed(list(_numbers_of_key(question, passage, least_word=0.0))):
        blanked = f"{blanked[:start]}{GAP}{blanked[end:]}"
    for text in sorted(_key_texts(question), key=len, reverse=True):
        parts = _WORDS.findall(text) if not _NUMBER.match(text) else text.split()
        pattern = r"[\W_]+".join(re.escape(part) for part in parts)
        if pattern:
            blanked = re.sub(rf"(?<!\w){pattern}(?:e?[sn])?(?!\w)", GAP, blanked, flags=re.IGNORECASE)
    if not tells(question, blanked, content):
        return blanked
    return _without(blanked, set().union(*_secrets(question, content)), content)


def _with_gap_at_difference(passage: str, question: CandidateQuestion, content: Language) -> str:
    """Hide what the statement has otherwise, in a true one its subject: the gap shows what to check, not the verdict."""
    said = set(content.content_stems(question.stem))
    differing = {stem for stem in content.content_stems(passage) if stem not in said}
    numbers = {stem for stem in content.content_stems(passage) if stem[:1].isdigit()}
    subject = set(content.content_stems(question.concept)) & said
    return _without(passage, (differing or numbers or subject), content)


def _without(text: str, secret: set[str], content: Language) -> str:
    """Return a text with the words of these stems as gaps, neighbours as one gap."""
    pieces, position = [], 0
    for word in content.words(text):
        if content.stem(word.text) in secret:
            pieces += [text[position : word.start], GAP]
            position = word.end
    blanked = "".join([*pieces, text[position:]])
    return re.sub(rf"{GAP}(?:[\s,-]+{GAP})+", GAP, blanked)


# The last choice -----------------------------------------------------------------------------------------


def _narrowed(question: CandidateQuestion, say: Speech, content: Language) -> str:
    key = question.key
    if question.is_open and isinstance(key, TextKey):
        words = _some_words(question, content)
        return say("narrow_words", words=", ".join(f"“{word}”" for word in words)) if words else say("kind_own_words")
    if isinstance(key, ChoiceKey):
        # The same wrong one each time, and both in the order of the question: neither tells which is right.
        wrong = next(option.id for option in question.options if option.id != key.option_id)
        one, other = (option.text for option in question.options if option.id in {key.option_id, wrong})
        return say("narrow_options", one=one, other=other)
    if isinstance(key, NumericKey):
        # The number does not lie in the middle, or halving the range would give it.
        low, high = sorted((0.7 * key.value, 1.5 * key.value)) if key.value else (-1.0, 2.0)
        return say("narrow_range", low=f"{low:.3g}", high=f"{high:.3g}")
    if isinstance(key, PartsKey):
        return say("narrow_letters", letters=", ".join(f"“{_first_letter(key_text(part))}”" for part in key.parts))
    return say("narrow_letter", letter=_first_letter(question.key_text))


def _some_words(question: CandidateQuestion, content: Language) -> list[str]:
    """Return a third of the words of an answer that the question lacks, the longest: enough to begin, too few to tell it."""
    asked = set(content.content_stems(question.stem))
    found = {content.stem(word.text): word.text for word in content.content_words(question.key_text)}
    own = [word for stem, word in found.items() if stem not in asked]
    chosen = sorted(own, key=len, reverse=True)[: min(_MOST_WORDS_SHOWN, len(own) // 3)]
    return [word for word in own if word in chosen]


def _first_letter(text: str) -> str:
    return next((character for character in text if character.isalnum()), "…")


# What gives the answer away ------------------------------------------------------------------------------


def tells(question: CandidateQuestion, text: str, content: Language) -> bool:
    """Tell whether a text holds the answer: its words side by side, or for a longer one nearly all of them anywhere."""
    plain = f" {_plain(text)} "
    if any(f" {_plain(key)} " in plain for key in _key_texts(question) if _plain(key)):
        return True
    if any(_numbers_of_key(question, text, least_word=_COUNTED_ON_FINGERS)):
        return True
    stems = set(content.content_stems(text))
    return any(len(wanted & stems) >= max(1.0, _NEARLY_ALL * len(wanted)) for wanted in _secrets(question, content))


def _numbers_of_key(question: CandidateQuestion, text: str, *, least_word: float) -> Iterator[tuple[int, int]]:
    """Yield where a text has a number of the answer, however it is written ("300.00", "three hundred").

    Words for numbers below ``least_word`` are passed over.
    """
    key = question.key
    parts = key.parts if isinstance(key, PartsKey) else (key,)
    values = [part.value for part in parts if isinstance(part, NumericKey)]
    for found in find_quantities(text) if values else ():
        if found.ordinal or (found.words and found.value < least_word):
            continue
        if any(math.isclose(found.value, value, rel_tol=1e-9) for value in values):
            written = text[found.start : found.end].removesuffix(found.written)
            yield found.start, found.start + len(written.rstrip(" -"))


def _secrets(question: CandidateQuestion, content: Language) -> list[set[str]]:
    """Return the stems of each accepted answer that the question does not say itself, all of them where it says all."""
    asked = set(content.content_stems(question.stem))
    answers = (set(content.content_stems(text)) for text in _key_texts(question))
    return [stems - asked or stems for stems in answers if stems]


def _plain(text: str) -> str:
    return " ".join(word for word in re.findall(r"\d+(?:[.,]\d+)*|[^\W_]+", fold(text)))


def _key_texts(question: CandidateQuestion) -> list[str]:
    """Return the answers in all the spellings that are accepted; whether a statement is true is no text to be hidden."""
    key = question.key
    if isinstance(key, BooleanKey):
        return []
    if isinstance(key, TextKey):
        return [text for text in key.accepted if text.strip()]
    if isinstance(key, NumericKey):
        return _number_texts(key)
    if isinstance(key, PartsKey):
        return [text for part in key.parts for text in _part_texts(part)]
    return [question.key_text] if question.key_text else []


def _part_texts(part: TextKey | NumericKey) -> Sequence[str]:
    return part.accepted if isinstance(part, TextKey) else _number_texts(part)


def _number_texts(key: NumericKey) -> list[str]:
    plain = f"{key.value:.12g}"
    return list(dict.fromkeys((f"{key.value:g}", f"{key.value:,.12g}", plain, plain.replace(".", ","))))
