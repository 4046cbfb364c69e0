"""A question in the making, and how it becomes a candidate for the verifier."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from documents_app.domain.matter.types import Matter, Span
from documents_app.domain.reading.form import reading_form
from sessions_app.domain.questions.types import (
    FALSE_OPTION,
    OWN_WORDS,
    TRUE_OPTION,
    BooleanKey,
    CandidateQuestion,
    ChoiceKey,
    DifficultyLevel,
    Key,
    NumericKey,
    Option,
    PartsKey,
    QuestionKind,
    TextKey,
    make_options,
    option_id,
)
from tutor_project.language import Language, language

WRONG_OPTIONS, LEAST_WRONG = 3, 2
_EASY, _HARD = 0.45, 0.7


@dataclass(frozen=True, slots=True)
class Draft:
    """``pattern`` names the kind of fact; ``key`` is the right answer as text; ``wrong`` the other options, best first.

    ``also`` is what a typed answer may be besides the key. ``parts`` are set where the key has several that may be given
    in any order, ``value`` for a statement that is true or false. With ``in_order`` the options are shown as they stand in
    ``wrong``, which then holds the key as well. ``worth`` in [0, 1] says how much it matters to know, ``hardness`` in [0, 1] how
    near the wrong options are.
    """

    pattern: str
    kind: QuestionKind
    stem: str
    key: str
    evidence: tuple[Span, ...]
    section: int
    worth: float
    wrong: tuple[str, ...] = ()
    concept: str = ""
    value: bool | None = None
    number: float | None = None
    unit: str = ""
    parts: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    in_order: bool = False
    hardness: float = 0.5


def as_candidate(draft: Draft, matter: Matter, topic: str, rng: random.Random) -> CandidateQuestion:
    """Return the candidate: options in random (or their own) order, evidence cited, explanation in its language."""
    key, options = _key_and_options(draft, rng)
    evidence = tuple(matter.cite(span) for span in draft.evidence)
    in_order = sorted(evidence, key=lambda one: one.char_start)
    return CandidateQuestion(
        kind=draft.kind,
        stem=draft.stem,
        key=key,
        explanation=_explanation(draft, matter.language, quoted(" ".join(one.text for one in in_order))),
        evidence=evidence,
        options=options,
        concept=draft.concept,
        section_title=matter.titles.get(draft.section, ""),
        topic=topic,
        difficulty=level_of(draft),
        estimate={"hardness": round(draft.hardness, 3), "worth": round(draft.worth, 3)},
        pattern=draft.pattern,
        engine="builtin",
    )


def _key_and_options(draft: Draft, rng: random.Random) -> tuple[Key, tuple[Option, ...]]:
    if draft.value is not None:
        return BooleanKey(draft.value), (TRUE_OPTION, FALSE_OPTION)
    if draft.kind is QuestionKind.NUMERIC and draft.number is not None:
        return NumericKey(draft.number, 0.0, draft.unit), ()
    if draft.parts:
        return PartsKey(tuple(TextKey((part,)) for part in draft.parts)), ()
    if draft.kind is not QuestionKind.MULTIPLE_CHOICE:
        return TextKey((draft.key, *draft.also)), ()
    texts = [draft.key, *draft.wrong[:WRONG_OPTIONS]]
    if not draft.in_order:
        rng.shuffle(texts)
    else:
        texts = list(draft.wrong)
    return ChoiceKey(option_id(draft.stem, draft.key)), make_options(draft.stem, texts)


def level_of(draft: Draft) -> DifficultyLevel:
    """Return the label of a draft's difficulty, an estimate from how near its wrong options are."""
    if draft.hardness < _EASY:
        return DifficultyLevel.EASY
    return DifficultyLevel.HARD if draft.hardness > _HARD else DifficultyLevel.MEDIUM


def _explanation(draft: Draft, tongue: Language, quote: str) -> str:
    if draft.value is not None:
        name = "because_true" if draft.value else "because_false"
    else:
        name = "because_told" if draft.pattern in OWN_WORDS else "because_key"
    return template(tongue, name, key=draft.key, quote=quote)


def quoted(text: str) -> str:
    """Return a quotation on one line, words broken at line ends joined."""
    return reading_form(text)


def template(tongue: Language, name: str, **values: str) -> str:
    """Return a phrase of the writer in a language, filled; English where the language has none."""
    text = tongue.mapping("question_templates").get(name)
    return (text or _english()[name]).format_map(values)


def _english() -> dict[str, str]:
    return language("en").mapping("question_templates")


def as_inside(text: str, matter: Matter) -> str:
    """Return words as they are written inside a sentence: names keep their capital, and all nouns in a language that writes them so."""
    nouns_are_capital = matter.language.mapping("noun_shape").get("capitals") == "yes"

    def is_small(word: str) -> bool:
        lowered = word.lower()
        if lowered in matter.inside or matter.language.is_stop_word(lowered):
            return True
        return not nouns_are_capital and word not in matter.inside

    return " ".join(word.lower() if word[1:].islower() and is_small(word) else word for word in text.split(" "))


def begun_inside(text: str, matter: Matter) -> str:
    """Return a phrase without the capital that only its place at the beginning of a sentence gave it."""
    first, space, rest = text.partition(" ")
    is_article = first.lower() in matter.language.phrase_set("determiners")
    return f"{first.lower() if is_article else as_inside(first, matter)}{space}{rest}"


def distinct(texts: Sequence[str]) -> list[str]:
    """Return the texts in order, each once whatever its case."""
    found: dict[str, str] = {}
    for text in texts:
        found.setdefault(text.casefold(), text)
    return list(found.values())
