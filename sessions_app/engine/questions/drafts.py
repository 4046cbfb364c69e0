"""A question without its wrong options, and what all patterns of facts share."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sessions_app.domain.grading.numbers import Quantity
from sessions_app.domain.questions.text import content_roots
from sessions_app.engine.questions.clauses import Clause
from sessions_app.engine.questions.entities import is_hollow, is_name_with_of
from sessions_app.engine.questions.reading import ReadSentence
from sessions_app.engine.questions.standalone import is_pointing
from sessions_app.engine.questions.wording import lower_first, upper_first, verb_phrase


@dataclass(slots=True)
class Draft:
    """A question without its wrong options.

    ``answer_kind``: thing (noun phrase), predicate (what something is), place, number, year. ``basis`` in [0, 1] is
    how demanding the pattern is by itself. ``gap`` marks a stem with a gap.
    """

    pattern: str
    stem: str
    answer: str
    answer_kind: str
    source: ReadSentence
    concept: str
    plural: bool = False
    basis: float = 0.5
    gap: bool = False
    quantity: Quantity | None = None
    accepted: tuple[str, ...] = ()
    listed: tuple[str, ...] = field(default_factory=tuple)


WEAK_COMPLEMENT = re.compile(
    r"^(?:(?:an?|the|one|some)\s+)?(?:[\w-]+\s+){0,3}?"
    r"(?:examples?|exceptions?|parts?|results?|reasons?|matter|number|variety|kind|type|form|way|ways|same|fact|questions?|problems?|topics?|cases?|"
    r"factors?|family|members?|groups?|issues?|challenges?|concepts?|ideas?|list|differences?|subjects?|consequences?|features?|property|properties|term|name|area"
    r"|one|important|major|key|crucial|essential|vital|participants?|players?|contributors?|candidates?|targets?|sources?|components?|elements?)\b",
    re.IGNORECASE,
)


BAD_END = frozenset({"DT", "IN", "CC", "TO", "PRP$", "WDT", "WRB", "MD", ",", "RB", "(", "POS"})


def word_count(text: str) -> int:
    return len(text.split())


def short_subject(clause: Clause) -> str:
    """The subject as an answer: bare noun phrase of at most five words, or ''."""
    subject = clause.subject
    named = is_name_with_of(clause.tokens, subject.core_end, subject.end)
    if subject.conjoined or (subject.end != subject.core_end and not named):
        return ""
    tokens = clause.tokens[subject.start : subject.end]
    if tokens[0].tag in {"DT", "PRP$"}:
        tokens = tokens[1:]
    if (
        not tokens
        or len(tokens) > (6 if named else 4)
        or tokens[0].tag in {"RB", "CD", "JJR", "JJS"}
        or is_pointing(list(tokens))
    ):
        return ""
    if is_hollow(tokens) or any(token.tag == "CD" for token in tokens):
        return ""
    text = clause.text[tokens[0].start : tokens[-1].end]
    return lower_first(text, tokens)


def predicate_of(clause: Clause) -> str:
    rest = clause.rest_text
    return f"{verb_phrase(clause)} {rest}".strip().replace(" ,", ",")


def asked_subject(clause: Clause) -> str:
    """The subject inside a question: as written, with a small first letter."""
    return lower_first(clause.subject_text, clause.tokens, clause.subject.start)


def with_opener(clause: Clause, question: str) -> str:
    """Put a kept opener in front: "In mammals, what …"."""
    if not clause.opener:
        return upper_first(question)
    return f"{upper_first(clause.opener)}, {question}"


def shares(answer: str, text: str) -> bool:
    return bool(set(content_roots(answer)) & set(content_roots(text)))


QUANTIFYING = frozenset(
    """no any little all each every most some many several few various other another both much more""".split()
)
