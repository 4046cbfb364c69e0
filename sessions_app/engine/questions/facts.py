"""Facts in clauses, and the questions that ask for them.

Each function takes one read sentence and yields drafts: a stem with the answer as the material words it. Wrong
options, difficulty and evidence are added later, the same way for all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sessions_app.engine.questions import words as w
from sessions_app.engine.questions.clauses import Clause
from sessions_app.engine.questions.drafts import (
    BAD_END,
    Draft,
)
from sessions_app.engine.questions.entities import EntityPool
from sessions_app.engine.questions.facts_gaps import gaps_of
from sessions_app.engine.questions.facts_names import definitions_of, names_of, subjects_of
from sessions_app.engine.questions.facts_numbers import counts_of, members_of, years_of
from sessions_app.engine.questions.facts_reasons import reasons_of
from sessions_app.engine.questions.facts_relations import complements_of, objects_of
from sessions_app.engine.questions.reading import ReadSentence


def drafts_of(source: ReadSentence, pool: EntityPool) -> Iterator[Draft]:
    """Yield every draft that the sentence's clause gives; ``pool`` tells persons and terms."""
    clause = source.clause
    if clause is None:
        yield from gaps_of(source, pool)
        return
    if not _usable(clause):
        return
    yield from subjects_of(source, clause, pool)
    for pattern in (reasons_of, names_of, definitions_of, objects_of, complements_of, years_of, counts_of, members_of):
        yield from pattern(source, clause)
    yield from gaps_of(source, pool)


def _usable(clause: Clause) -> bool:
    rest = clause.tokens[clause.verb_end : clause.rest_end]
    if (
        rest
        and rest[-1].tag in BAD_END
        and rest[-1].low
        not in {
            "behind",
            "above",
            "below",
            "around",
            "over",
            "through",
            "under",
            "along",
            "forward",
            "together",
            "apart",
            "well",
            "away",
            "off",
            "out",
            "up",
            "down",
            "in",
            "on",
        }
    ):
        return False
    if any(token.text in {":", ";", "/", "^", "<", ">", "+", "~", "%"} and token.tag == "SYM" for token in rest):
        return False
    subject = clause.tokens[clause.subject.start : clause.subject.end]
    main = clause.tokens[clause.main]
    if (
        len(rest) > 2
        and rest[0].tag == "RB"
        and rest[1].low in w.VERB_BASES
        and not clause.copula
        and not clause.passive
    ):
        return False  # the real verb: "microglia processes constantly sample"
    if _loose_verbs(clause) or re.search(r"\b(?:it|its|they|their)\b", clause.opener, re.I):
        return False
    if any(token.tag == "CD" and not token.text[0].isdigit() for token in subject[1:]):
        return False
    if not clause.passive and main.tag == "VBZ" and clause.subject.plural and main.low not in w.MODALS:
        return False
    if main.tag == "VBP" and not clause.subject.plural and not clause.passive:
        return False
    return not any(token.tag in {"VBZ", "VBP", "MD", "WDT"} for token in subject)


def _loose_verbs(clause: Clause) -> bool:
    """Whether the rest holds a finite verb that no relative, conjunction or "and" introduces: a second sentence."""
    licences = 0
    for i in range(clause.verb_end, clause.rest_end):
        token = clause.tokens[i]
        if token.tag in {"WDT", "WRB"} or token.low in {
            "that",
            "who",
            "when",
            "if",
            "because",
            "as",
            "than",
            "how",
            "whether",
            "where",
            "while",
            "until",
            "since",
            "before",
            "after",
            "although",
            "unless",
            "so",
            "whose",
        }:
            licences += 1
        elif token.tag in {"VBZ", "VBP", "MD", "VBD"} and token.low not in {"given"}:
            if clause.tokens[i - 1].low in {"and", "or", "but"} or (
                clause.tokens[i - 1].tag == "RB" and clause.tokens[i - 2].low in {"and", "or", "but"}
            ):
                continue
            if token.tag == "VBD" and token.low.endswith("ed"):
                continue
            licences -= 1
            if licences < 0:
                return True
    return False
