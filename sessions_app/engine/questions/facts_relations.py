"""Facts that relate two things: objects of verbs, parts, uses, causes, places."""

from __future__ import annotations

from collections.abc import Iterator

from sessions_app.domain.grading.numbers import find_quantities
from sessions_app.domain.questions.text import content_roots
from sessions_app.engine.questions import words as w
from sessions_app.engine.questions.clauses import Clause, read_noun_phrase
from sessions_app.engine.questions.drafts import (
    BAD_END,
    QUANTIFYING,
    Draft,
    asked_subject,
    shares,
    with_opener,
    word_count,
)
from sessions_app.engine.questions.entities import is_hollow
from sessions_app.engine.questions.reading import ReadSentence
from sessions_app.engine.questions.standalone import is_pointing
from sessions_app.engine.questions.wording import inverted, strip_determiner

_PLACE_VERBS = frozenset(
    """located found situated lie lies lay resides reside occurs occur takes lives live embedded housed stored
    begins originates""".split()
)


_PLACE_PREPOSITIONS = frozenset(
    """in on at within inside between near beneath above below along outside behind under across around""".split()
)


def objects_of(source: ReadSentence, clause: Clause) -> Iterator[Draft]:
    """ "What does the hypothalamus control?" for plain verbs with one object."""
    main = clause.tokens[clause.main]
    if (
        clause.copula
        or clause.passive
        or clause.negated
        or clause.subordinate_opener
        or main.low
        in w.BE
        | {
            "include",
            "includes",
            "become",
            "becomes",
            "became",
            "remain",
            "remains",
            "seem",
            "seems",
            "appear",
            "appears",
            "takes",
            "take",
        }
    ):
        return
    phrase = read_noun_phrase(clause.tokens, clause.verb_end, prepositions=False)
    if phrase is None or phrase.start == phrase.end:
        return
    end = phrase.end
    if end < clause.rest_end and clause.tokens[end].low == "of":
        inner = read_noun_phrase(clause.tokens, end + 1, prepositions=False)
        if inner is None:
            return
        end = inner.end
    answer = clause.slice(phrase.start, end)
    tail = clause.slice(end, clause.rest_end)
    if (end < clause.rest_end and clause.tokens[end].tag not in {"IN", "TO"}) or clause.tokens[end - 1].tag in BAD_END:
        return
    if (
        end < clause.rest_end
        and clause.tokens[end].low
        in {"that", "than", "as", "because", "when", "if", "such"} | w.SUBORDINATORS - {"before", "after", "since"}
        and clause.tokens[end].low not in {"as"}
    ):
        return
    if (
        end < clause.rest_end
        and clause.tokens[end].tag == "TO"
        and main.low not in {"use", "uses", "used", "need", "needs", "require", "requires"}
    ):
        return
    if clause.tokens[phrase.start].low in QUANTIFYING or clause.opener.lower() in w.HEDGES:
        return
    if (
        tail.lower().startswith("such as")
        or not 1 <= len(content_roots(answer)) <= 6
        or is_pointing(list(clause.tokens[phrase.start : end]))
    ):
        return
    if (
        clause.tokens[phrase.start].tag == "CD"
        or find_quantities(answer)
        or shares(answer, f"{clause.subject_text} {tail}")
    ):
        return
    if clause.tokens[phrase.head].low in w.SHELL_NOUNS and end == phrase.end:
        return
    if any(token.tag in {"VBZ", "VBP", "VBD", "MD"} for token in clause.tokens[end : clause.rest_end]):
        return  # a second predicate would follow the gap: "What does X carry and controls …?"
    question = inverted(clause, asked_subject(clause))
    if question is None or is_hollow(
        [token for token in clause.tokens[phrase.start : phrase.core_end] if token.tag not in {"DT", "RB"}]
    ):
        return
    if len(content_roots(f"{clause.subject_text} {tail}")) < (2 if main.low not in _THIN_VERBS else 4):
        return
    stem = with_opener(clause, f"what {question} {tail}".strip() + "?")
    yield Draft(
        "object", stem, answer, kind_of(answer), source, strip_determiner(clause.subject_text), phrase.plural, 0.5
    )


_THIN_VERBS = frozenset(
    """cause causes involve involves provide provides have has had lack lacks confer confers follow follows
    need needs require requires show shows exhibit exhibits possess possesses see sees mean means undergo
    undergoes support supports give gives make makes""".split()
)


_ASKABLE = frozenset("of for by from into to with in as on".split())


def complements_of(source: ReadSentence, clause: Clause) -> Iterator[Draft]:
    """ "What is X composed of?", "Where is X located?"."""
    if clause.negated or clause.subordinate_opener or clause.verb_end >= clause.rest_end:
        return
    i = clause.verb_end
    adjective = ""
    if clause.copula:
        if clause.tokens[i].tag not in {"JJ", "VBN"}:
            return
        adjective = clause.tokens[i].text
        i += 1
    elif (
        not clause.passive
        and clause.tokens[clause.main].low not in w.VERB_BASES
        and clause.tokens[clause.main].tag not in {"VBZ", "VBP", "VBD"}
    ):
        return
    if i >= clause.rest_end or clause.tokens[i].tag not in {"IN", "TO"}:
        return
    preposition = clause.tokens[i].low
    phrase = read_noun_phrase(clause.tokens, i + 1)
    if phrase is None or phrase.end != clause.rest_end or is_pointing(list(clause.tokens[i : phrase.end])):
        return
    question = inverted(clause, asked_subject(clause))
    if question is None or ";" in source.text[:-1]:
        return  # a list that goes on after the clause: the answer would be a part of it
    verb = clause.tokens[clause.main].low
    answer = clause.slice(phrase.start, phrase.end)
    if verb in _PLACE_VERBS and preposition in _PLACE_PREPOSITIONS:
        place = clause.slice(i, phrase.end)
        if not shares(place, clause.subject_text) and word_count(place) <= 10:
            yield Draft(
                "place",
                with_opener(clause, f"where {question}?"),
                place,
                "place",
                source,
                strip_determiner(clause.subject_text),
                False,
                0.5,
            )
        return
    if (
        preposition not in _ASKABLE
        or not (clause.passive or clause.copula or verb in _PREPOSITIONAL)
        or word_count(answer) > 9
    ):
        return
    if (
        find_quantities(answer)
        or shares(answer, f"{clause.subject_text} {clause.opener}")
        or len(content_roots(answer)) == 0
    ):
        return
    if clause.copula and adjective.lower() in {
        "due",
        "similar",
        "different",
        "dependent",
        "present",
        "common",
        "active",
        "visible",
        "important",
        "unique",
        "available",
    }:
        return
    if preposition == "by" and clause.passive and clause.tokens[phrase.start].tag == "VBG":
        return
    if preposition in {"in", "on", "as", "to"} and not (clause.copula or verb in _PREPOSITIONAL):
        return
    tokens = [token for token in clause.tokens[phrase.start : phrase.core_end] if token.tag not in {"DT", "RB"}]
    if not tokens or is_hollow(tokens) or clause.tokens[phrase.start].low in QUANTIFYING:
        return
    asked = f"what {question} {adjective}".strip() + f" {preposition}?"
    yield Draft(
        "relation",
        with_opener(clause, asked),
        answer,
        kind_of(answer),
        source,
        strip_determiner(clause.subject_text),
        phrase.plural,
        0.5,
    )


def kind_of(answer: str) -> str:
    """Long answers are compared as phrases ("the activation of ion channels"), short ones as things."""
    several = " and " in answer or " or " in answer or "," in answer
    return "phrase" if several or len(content_roots(answer)) >= 3 else "thing"


_PREPOSITIONAL = frozenset(
    """consists consist depends depend leads lead results result stems refers refer belongs belong derives
    derive arises arise composed made derived used involved caused produced surrounded covered formed
    converted divided classified regulated controlled based attached connected linked associated responsible
    replaced transported enclosed lined innervated triggered mediated synthesised synthesized generated
    released secreted separated protected developed evolved""".split()
)
