"""The content check of questions asked in somebody's own words: what a model writes is not held against it word by word.

The built-in writer stays close to its passage, and the verifier asks it to. A model paraphrases, applies and asks for
reasons; what is checked here is that the question with its key, read as a statement, changes nothing of its passage, that
no option fits the passage better than the key, and that a name or a number it asks for is really given.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

from sessions_app.domain.claim_text import TokenText, tongue_of
from sessions_app.domain.claims import (
    ABOUT_THE_SAME,
    NEAR_VERBATIM,
    claim_faults,
    foreign_names,
    order_kept,
    told_together,
)
from sessions_app.domain.questions.lint import GAP
from sessions_app.domain.questions.sentences import SentenceStatistics
from sessions_app.domain.questions.support import CitedPassages, closeness
from sessions_app.domain.questions.text import ENGLISH, content_roots, fold
from sessions_app.domain.questions.types import (
    BooleanKey,
    CandidateQuestion,
    ChoiceKey,
    Failure,
    NumericKey,
    TextKey,
)
from tutor_project.language import Language
from tutor_project.language.quantities.finding import find_quantities
from tutor_project.language.quantities.units import convert, parse_unit

NEIGHBOURS = 3
"""Sentences before and behind a quote that belong to its evidence."""
_CLEARLY = 1.3


@dataclass(frozen=True, slots=True)
class Ground:
    """What a question rests on: its quotes, and the sentences and titles around them."""

    quotes: tuple[str, ...]
    context: str
    tongue: Language = ENGLISH

    @classmethod
    def of(cls, question: CandidateQuestion, source: SentenceStatistics) -> Ground:
        """Return the ground of a question's evidence."""
        around: dict[int, None] = {}
        for citation in question.evidence:
            for index in source.sentences_in(citation):
                for near in range(index - NEIGHBOURS, index + NEIGHBOURS + 1):
                    if 0 <= near < len(source.sentences):
                        around[near] = None
        context = " ".join(source.sentences[index].text for index in around)
        quotes = tuple(citation.text for citation in question.evidence)
        return cls(quotes, f"{question.section_title}. {context}", source.tongue)


def paraphrase_failures(
    question: CandidateQuestion, evidence: CitedPassages, source: SentenceStatistics
) -> list[Failure]:
    """Return why a question in its writer's own words does not follow from its passage; empty when nothing is found."""
    ground = Ground.of(question, source)
    failures = _about_something_else(question, ground)
    if isinstance(question.key, BooleanKey):
        return failures + _statement(question.stem, question.key.value, ground)
    if isinstance(question.key, NumericKey):
        return failures + _numeric(question.stem, question.key, ground)
    if isinstance(question.key, ChoiceKey):
        return failures + _choice(question, evidence, ground, source)
    if isinstance(question.key, TextKey):
        return failures + _named(question.stem, question.key.accepted[0], ground)
    return failures


def _about_something_else(question: CandidateQuestion, ground: Ground) -> list[Failure]:
    """A question shares at least one telling word with the section its quote stands in."""
    shown = f"{' '.join(ground.quotes)} {ground.context}"
    around = TokenText(shown, tongue_of(shown))
    said = TokenText(f"{GAP.sub(' ', question.stem)} {question.key_text}", around.tongue)
    if not said.tokens or any(around.has(token) for token in said.tokens):
        return []
    return [Failure("stem_not_answerable", "the section does not speak of this")]


def _statement(text: str, value: bool, ground: Ground) -> list[Failure]:
    faults = claim_faults(text, ground.quotes, ground.context)
    if value:
        return [Failure("statement_not_supported", fault) for fault in faults]
    if not faults and _share(text, " ".join(ground.quotes)) >= 0.9:
        return [Failure("false_statement_supported", "the passage says what the statement says")]
    return []


def _numeric(stem: str, key: NumericKey, ground: Ground) -> list[Failure]:
    shown = " ".join(ground.quotes)
    unit = parse_unit(key.unit) if key.unit else None
    for quantity in find_quantities(shown):
        value: float | None = quantity.value
        if unit and quantity.unit:
            value = convert(quantity.value, quantity.unit, unit)
        if value is not None and math.isclose(value, key.value, rel_tol=1e-6):
            written = shown[quantity.start : quantity.end]
            gap = bool(GAP.search(stem))
            faults = claim_faults(
                _filled(stem, written, ground.tongue), ground.quotes, ground.context, ordered=gap, whole=gap
            )
            return [Failure("key_contradicted", fault) for fault in faults]
    return [Failure("key_not_in_evidence", f"the passage does not give {key.value:g} {key.unit}".rstrip())]


def _named(stem: str, answer: str, ground: Ground) -> list[Failure]:
    """A word or a name that is asked for stands in the passage; near by only when the stem is not the passage's own."""
    shown = " ".join(ground.quotes)
    own, near = _share(answer, shown), _share(answer, f"{shown} {ground.context}")
    allowed = shown if _share(GAP.sub(" ", stem), shown) >= NEAR_VERBATIM else f"{shown} {ground.context}"
    if (own if allowed == shown else near) < 1.0:
        return [Failure("key_not_in_evidence", f"the passage does not give {answer!r}")]
    whole = bool(GAP.search(stem))
    said = _filled(stem, answer, ground.tongue) if _reads_as_statement(stem, ground.tongue) else answer
    faults = claim_faults(said, ground.quotes, ground.context, whole=whole)
    return [Failure("key_contradicted", fault) for fault in (*faults, *_other_modifier(answer, shown))]


def _other_modifier(answer: str, shown: str) -> list[str]:
    """Return the last noun of an answer where the passage has it with another word before it ("a good title", not "void")."""
    passage = TokenText(shown, tongue_of(shown))
    said = TokenText(answer, passage.tongue).tokens
    if len(said) != 2 or passage.has(said[0]) or f"{said[0].form} {said[1].form}" not in fold(answer):
        return []
    before = [
        own
        for own, noun in itertools.pairwise(passage.tokens)
        if noun.root == said[1].root and own.clause == noun.clause
    ]
    return [f"{said[0].form} where the passage has {before[0].form}"] if before else []


def _choice(
    question: CandidateQuestion, evidence: CitedPassages, ground: Ground, source: SentenceStatistics
) -> list[Failure]:
    assert isinstance(question.key, ChoiceKey)
    key = question.option(question.key.option_id)
    if key is None:
        return []
    shown, stem = " ".join(ground.quotes), GAP.sub(" ", question.stem)
    alone = claim_faults(key.text, ground.quotes, ground.context, whole=False)
    failures = [Failure("key_contradicted", fault) for fault in alone]
    failures += _filled_in(question, key.text, ground)
    failures += [
        Failure("key_not_in_evidence", f"the passage does not name {name}")
        for name in foreign_names(key.text, f"{question.stem} {shown} {ground.context}")
    ]
    failures += [Failure("key_contradicted", fault) for fault in _other_modifier(key.text, shown)]
    return failures + [
        failure
        for option in question.options
        if option.id != key.id and (failure := _rival(option.text, key.text, stem, evidence, source)) is not None
    ]


def _filled_in(question: CandidateQuestion, key: str, ground: Ground) -> list[Failure]:
    """Return what the stem changes of the passage once the key stands in it.

    A stem that does not become a statement so may read as a change by itself: that counts where another option makes none.
    """
    reads, whole = _reads_as_statement(question.stem, ground.tongue), bool(GAP.search(question.stem))

    def faults(answer: str) -> list[str]:
        said = _filled(question.stem, answer, ground.tongue)
        return claim_faults(said, ground.quotes, ground.context, ordered=reads, whole=whole)

    found = faults(key)
    if found and not reads and all(faults(option.text) for option in question.options if option.text != key):
        return []
    return [Failure("key_contradicted", fault) for fault in found]


def _rival(option: str, key: str, stem: str, evidence: CitedPassages, source: SentenceStatistics) -> Failure | None:
    """Return why the passage supports an option rather than the key, or as well as it; None when nothing is found."""
    shown = evidence.text
    share, right = _share(option, shown), _share(key, shown)
    given = right < ABOUT_THE_SAME and _share(stem, shown) >= ABOUT_THE_SAME
    if share == 1.0 and (given or (right == 0.0 and _is_term(key, source) and _is_term(option, source))):
        return Failure("distractor_supported", f"the passage gives {option!r}, not {key!r}")
    near = closeness(key, stem, evidence, source)
    if share == right == 1.0 and closeness(option, stem, evidence, source) > _CLEARLY * near:
        return Failure("distractor_supported", f"{option!r} stands nearer to what is asked")
    if told_together(key, option, shown):
        return Failure("two_right_options", f"the passage says it of {option!r} as well")
    if order_kept(option, key, shown):
        return Failure("distractor_supported", f"the passage says {option!r}, word for word, rather than {key!r}")
    if _is_kind_of(option, key, source):
        return Failure("two_right_options", f"{option!r} is a kind of {key!r}")
    return None


def _is_term(text: str, source: SentenceStatistics) -> bool:
    """Tell whether an option is a word or two of the material, which its passages name where they mean it."""
    parts = content_roots(text)
    return 0 < len(parts) <= 2 and all(source.knows(part) for part in parts)


def _is_kind_of(option: str, key: str, source: SentenceStatistics) -> bool:
    """Return whether the material says that the option is what the key names: then both answer the question."""
    parts, kind = frozenset(content_roots(option)), frozenset(content_roots(key))
    if not parts or not kind or len(kind) > 2 or parts == kind:
        return False
    for index in source.holding(parts | kind)[:40]:
        text = source.sentences[index].text
        told = source.tongue.pattern("kind_of_patterns").search(text)
        if told is None:
            continue
        before = frozenset(content_roots(text[: told.start()]))
        if parts <= before and not kind & before and kind <= frozenset(content_roots(told[0])):
            return True
    return False


def _share(text: str, shown: str) -> float:
    passage = TokenText(shown, tongue_of(shown))
    said = TokenText(text, passage.tongue)
    letters = {token.root for token in passage.lettered}
    held = sum(token.root in letters or passage.has(token) for token in said.lettered)
    return held / len(said.lettered) if said.lettered else 1.0


def _reads_as_statement(stem: str, tongue: Language) -> bool:
    """Return whether the stem becomes a statement by putting the key in: it has a gap, or asks for its own subject."""
    return bool(GAP.search(stem) or tongue.pattern("subject_asked_patterns").match(stem))


def _filled(stem: str, answer: str, tongue: Language) -> str:
    """Return the stem with the answer in its place: in the gap, for the subject or the number asked for, else at its end."""
    if GAP.search(stem):
        return GAP.sub(lambda found: answer, stem)
    if asked := tongue.pattern("subject_asked_patterns").match(stem):
        return f"{answer} {stem[asked.end() :].rstrip('?')}"
    counted = tongue.pattern("counted_patterns").sub(lambda found: answer, stem)
    return counted.rstrip("?") if counted != stem else f"{stem.rstrip('?')} {answer}"
