"""Facts that name or define a thing, and what is said of one thing only."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from sessions_app.domain.questions.text import content_roots
from sessions_app.engine.questions import words as w
from sessions_app.engine.questions.clauses import Clause, read_noun_phrase
from sessions_app.engine.questions.drafts import (
    WEAK_COMPLEMENT,
    Draft,
    asked_subject,
    predicate_of,
    shares,
    short_subject,
    with_opener,
    word_count,
)
from sessions_app.engine.questions.entities import HUMAN_VERBS, EntityPool
from sessions_app.engine.questions.reading import ReadSentence
from sessions_app.engine.questions.standalone import is_pointing
from sessions_app.engine.questions.wording import inverted, strip_determiner

_NAMING = frozenset(["called", "termed", "named", "dubbed"])


_NAMING_AS = frozenset(["known", "referred", "described"])


_DEFINING_DETERMINERS = frozenset({"a", "an", "the"})


def names_of(source: ReadSentence, clause: Clause) -> Iterator[Draft]:
    """ "X is called Y", "X is known as Y"."""
    main = clause.tokens[clause.main]
    if not clause.passive or clause.negated or clause.subordinate_opener:
        return
    start = clause.verb_end
    particle = ""
    if main.low in _NAMING_AS:
        if main.low == "referred" and start < clause.rest_end and clause.tokens[start].low == "to":
            start += 1
            particle = "to "
        if start >= clause.rest_end or clause.tokens[start].low != "as" or main.low == "described":
            return
        particle += "as"
        start += 1
    elif main.low not in _NAMING:
        return
    phrase = read_noun_phrase(clause.tokens, start)
    if phrase is None or (phrase.end < clause.rest_end and clause.tokens[phrase.end].tag not in {",", "IN", "CC"}):
        return
    if phrase.end < clause.rest_end and clause.tokens[phrase.end].low in {"or", "and"} | w.PREPOSITIONS - {"or"}:
        return
    name = strip_determiner(clause.slice(phrase.start, phrase.end))
    if word_count(name) > 4 or shares(name, clause.subject_text) or len(content_roots(clause.subject_text)) < 2:
        return
    question = inverted(clause, asked_subject(clause))
    if question is None:
        return
    stem = with_opener(clause, f"what {question} {particle}".strip() + "?")
    plural = phrase.plural or clause.subject.plural
    yield Draft("naming", stem, name, "thing", source, name, plural, 0.35)
    before = clause.statement[: -1 - len(clause.slice(phrase.start, clause.rest_end))].rstrip()
    determined = strip_determiner(clause.slice(phrase.start, phrase.end)) != clause.slice(phrase.start, phrase.end)
    lead = ""
    if determined:
        lead = " the" if clause.tokens[phrase.start].low == "the" else " a(n)"
    yield Draft("naming", f"{before}{lead} _____.", name, "thing", source, name, plural, 0.4, gap=True)


def definitions_of(source: ReadSentence, clause: Clause) -> Iterator[Draft]:
    """ "A virus is an infectious agent that …", "Flagella are rigid structures …": both directions."""
    if not clause.copula or clause.negated or clause.opener or clause.tokens[clause.main].low not in {"is", "are"}:
        return
    if clause.verb_end - clause.verb_start != 1:
        return
    name = short_subject(clause)
    complement = clause.rest_text
    first = clause.tokens[clause.verb_end]
    if complement.count(",") > 1 and word_count(complement.split(",")[0]) < 3:
        return  # a list of members, not a definition
    if not name or not 4 <= word_count(complement) <= 26 or WEAK_COMPLEMENT.match(complement):
        return
    phrase = read_noun_phrase(clause.tokens, clause.verb_end, prepositions=False)
    if (
        phrase is None
        or phrase.conjoined
        or phrase.plural != clause.subject.plural
        or is_pointing(list(clause.tokens[clause.verb_end : clause.rest_end]))
    ):
        return
    if (clause.subject.plural and first.tag == "DT") or (
        not clause.subject.plural and first.low not in _DEFINING_DETERMINERS
    ):
        return
    if not _tells_apart(clause, phrase.core_end):
        return
    verb = clause.tokens[clause.main].low
    single = first.low == "the" or len(content_roots(complement)) >= 5
    if single and not shares(name, complement):
        yield Draft(
            "definition",
            f"What is the term for {complement}?",
            name,
            "thing",
            source,
            name,
            clause.subject.plural,
            0.35,
        )
    yield Draft(
        "meaning",
        f"What {verb} {asked_subject(clause)}?",
        complement,
        "predicate",
        source,
        name,
        clause.subject.plural,
        0.4,
    )


def _tells_apart(clause: Clause, end: int) -> bool:
    """Whether a definition has more than a class with adjectives: "a powerful electrical insulator" fits many things."""
    if end < clause.rest_end:
        return True
    return any(
        a.tag == "RB" and b.tag in {"VBN", "VBG"}
        for a, b in itertools.pairwise(clause.tokens[clause.verb_end : clause.rest_end])
    )


def subjects_of(source: ReadSentence, clause: Clause, pool: EntityPool) -> Iterator[Draft]:
    """Ask for the subject of any specific predicate: "Which of the following …?", "Who …?"."""
    name = short_subject(clause)
    if not name or clause.negated or clause.subordinate_opener or clause.subject.determiner in {"all", "each", "every"}:
        return  # what is said of all is as true of every sort of them
    asked = "which of the following"
    if name.startswith(("term ", "word ", "name ")) and len(name.split()) > 1:
        asked, name = f"which {name.split()[0]}", name.split(maxsplit=1)[1]
    predicate = predicate_of(clause)
    plain = not clause.copula and not clause.passive and clause.tokens[clause.verb_start].low not in w.MODALS
    if (
        asked == "which of the following"
        and plain
        and not clause.subject.plural
        and source.index % 2
        and not clause.opener
    ):
        asked = "what"
    if (
        not 4 <= word_count(predicate) <= 22
        or len(content_roots(predicate)) < 3
        or shares(name, f"{predicate} {clause.opener}")
    ):
        return
    if _second_subject(clause) or clause.tokens[clause.main].low in {"refers", "refer", "means", "mean", "describes"}:
        return
    if clause.copula and (WEAK_COMPLEMENT.match(clause.rest_text) or len(content_roots(clause.rest_text)) < 4):
        return
    if clause.opener.lower() in w.HEDGES or (
        name.isupper() and not (known := pool.find(name, clause.subject.plural)) and known is None
    ):
        return
    if {token.low for token in clause.tokens[clause.verb_end : clause.rest_end]} & {"itself", "themselves"}:
        return
    if is_person(clause, name, pool):
        surname = name.split()[-1]
        accepted = (surname,) if len(name.split()) > 1 and surname[0].isupper() else ()
        yield Draft(
            "person",
            with_opener(clause, f"who {predicate}?"),
            name,
            "person",
            source,
            name,
            False,
            0.5,
            accepted=accepted,
        )
        return
    if {token.low for token in clause.tokens[clause.verb_end : clause.rest_end]} & {"himself", "herself"}:
        return
    stem = with_opener(clause, f"{asked} {predicate}?")
    yield Draft("subject", stem, name, "thing", source, name, clause.subject.plural, 0.5)


def _second_subject(clause: Clause) -> bool:
    """Whether the rest says the same of another subject without its verb: "…, and fungi one of chitin"."""
    rest = clause.tokens[clause.verb_end : clause.rest_end]
    commas = [i for i, token in enumerate(rest) if token.tag == ","]
    if len(commas) != 1 or commas[0] + 1 >= len(rest) or rest[commas[0] + 1].low not in {"and", "but"}:
        return False
    after = rest[commas[0] + 2 :]
    return not after or after[0].tag not in {"VBZ", "VBP", "VBD", "MD", "RB", "VBN", "VB"}


def is_person(clause: Clause, name: str, pool: EntityPool) -> bool:
    """Whether the subject is the name of a person: it does what people do, here or elsewhere in the material."""
    subject = clause.tokens[clause.subject.start : clause.subject.core_end]
    known = pool.find(name, False)
    if clause.subject.plural or subject[-1].tag != "NNP":
        return False
    bare_name = all(token.tag == "NNP" and not token.text.isupper() for token in subject)
    acts = clause.tokens[clause.main].low in HUMAN_VERBS and not clause.passive
    return (known is not None and known.kind == "person") or (bare_name and acts)
