"""Facts with a year, a number or a list."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sessions_app.domain.grading.numbers import find_quantities
from sessions_app.domain.questions.text import content_roots
from sessions_app.engine.questions import words as w
from sessions_app.engine.questions.clauses import Clause, read_noun_phrase
from sessions_app.engine.questions.drafts import (
    Draft,
    asked_subject,
    shares,
    with_opener,
    word_count,
)
from sessions_app.engine.questions.reading import ReadSentence
from sessions_app.engine.questions.wording import inverted, strip_determiner


def years_of(source: ReadSentence, clause: Clause) -> Iterator[Draft]:
    """ "In 1839, Schleiden suggested …" or "… was discovered in 1665": ask for the year."""
    if clause.negated:
        return
    opener = re.fullmatch(r"[Ii]n (1\d{3}|20\d{2})", clause.opener)
    subject = (
        clause.subject_text if clause.tokens[clause.subject.start].tag in {"NNP", "NNPS"} else asked_subject(clause)
    )
    question = inverted(clause, subject)
    if (
        question is None
        or clause.tokens[clause.verb_start].tag not in {"VBD", "VBN", "RB"}
        or clause.tokens[clause.main].tag not in {"VBD", "VBN"}
    ):
        return
    rest = clause.rest_text
    if opener:
        year = opener[1]
    else:
        closing = re.search(r"\s*\bin (1\d{3}|20\d{2})$", rest)
        if not closing or clause.opener:
            return
        year, rest = closing[1], rest[: closing.start()]
    if (
        re.search(r"\b(?:1\d{3}|20\d{2})\b", f"{rest} {clause.subject_text}")
        or not len(content_roots(f"{clause.subject_text} {rest}")) >= 1
    ):
        return
    if len(content_roots(rest)) < 2 and not clause.passive:
        return
    yield Draft(
        "year",
        f"In which year {question} {rest}".strip() + "?",
        year,
        "year",
        source,
        strip_determiner(clause.subject_text),
        False,
        0.6,
    )


def counts_of(source: ReadSentence, clause: Clause) -> Iterator[Draft]:
    """ "How many regions does X have?", and numbers with units as a gap."""
    statement = clause.statement
    quantities = [q for q in find_quantities(statement) if not q.ordinal]
    if len(quantities) != 1 or clause.subordinate_opener or quantities[0].looks_like_year:
        return
    quantity = quantities[0]
    if (
        clause.negated
        or quantity.start == 0
        or quantity.value in {0.0, 1.0}
        or statement[quantity.start - 1] in "-–—±/"
        or re.match(r"\s*(?:or (?:more|less|fewer|so)|to|and|–|-|×)\b", statement[quantity.end :])
    ):
        return
    written = statement[quantity.start : quantity.end]
    number = (
        written[: len(written) - len(quantity.written)].rstrip()
        if quantity.written and written.endswith(quantity.written)
        else written
    )
    if re.search(r"[a-z]{4,}|\be\b|[x×]", number) and not quantity.words:
        return  # "4.54 billion": what to type would be in doubt
    if not quantity.words and quantity.unit is not None and not number.endswith("-"):
        gap = statement[: quantity.start] + "_____" + statement[quantity.start + len(number) :]
        yield Draft(
            "number",
            gap,
            number,
            "number",
            source,
            strip_determiner(clause.subject_text),
            False,
            0.6,
            gap=True,
            quantity=quantity,
        )
        return
    i = clause.verb_end
    approximate = ""
    while i < clause.rest_end and clause.tokens[i].low in {
        "about",
        "approximately",
        "around",
        "roughly",
        "nearly",
        "almost",
        "only",
        "at",
        "least",
        "exactly",
    }:
        approximate = (
            "about "
            if clause.tokens[i].low in {"about", "approximately", "around", "roughly", "nearly", "almost"}
            else approximate
        )
        if clause.tokens[i].low in {"at", "least", "almost", "nearly"}:
            return
        i += 1
    if i >= clause.rest_end or clause.tokens[i].tag != "CD" or clause.passive or clause.copula:
        return
    phrase = read_noun_phrase(clause.tokens, i, prepositions=False)
    if phrase is None or not phrase.plural or phrase.conjoined:
        return
    j = i
    while j < phrase.end and (
        clause.tokens[j].tag == "CD" or clause.tokens[j].low in {"hundred", "thousand", "million", "billion"}
    ):
        j += 1
    counted_end = phrase.end
    if counted_end < clause.rest_end and clause.tokens[counted_end].low == "of":
        inner = read_noun_phrase(clause.tokens, counted_end + 1, prepositions=False)
        counted_end = inner.end if inner is not None else counted_end
    counted = clause.slice(j, counted_end)
    question = inverted(clause, asked_subject(clause))
    tail = clause.slice(counted_end, clause.rest_end)
    if " as well as " in f" {tail} " or " and " in f" {tail} ":
        return
    if (
        not counted
        or question is None
        or j == phrase.end
        or (tail and clause.tokens[counted_end].tag not in {"IN", "TO"})
    ):
        return
    if clause.tokens[phrase.head].low in {"years", "days", "hours", "minutes", "weeks", "months", "times"}:
        return
    stem = with_opener(clause, f"{approximate}how many {counted} {question} {tail}".strip() + "?")
    yield Draft(
        "number", stem, number, "number", source, strip_determiner(clause.subject_text), False, 0.5, quantity=quantity
    )


_LISTING = frozenset("include includes comprise comprises contain contains consists consist composed made".split())


def members_of(source: ReadSentence, clause: Clause) -> Iterator[Draft]:
    """ "Excitable cells include neurons, muscle cells and …", "X consists of a, b and c": ask for one of them."""
    main = clause.tokens[clause.main].low
    if main not in _LISTING or clause.negated or clause.opener or ";" in source.text:
        return
    rest = clause.rest_text
    if main in {"consists", "consist", "composed", "made"}:
        led = re.match(r"(?:up )?of ", rest)
        if not led:
            return
        rest = rest[led.end() :]
    elif clause.passive or clause.verb_end - clause.verb_start != 1:
        return
    items = [
        strip_determiner(item.strip())
        for item in re.split(r",\s*(?:and|or)?\s*|\s+(?:and|or)\s+", rest)
        if item.strip()
    ]
    if len(items) < 3 or any(
        word_count(item) > 4 or re.search(r"\b(?:that|which|of|by|with|in|such)\b", item) for item in items
    ):
        return
    subject = asked_subject(clause)
    if main in {"include", "includes", "comprise", "comprises"} and clause.subject.plural:
        stem = f"Which of the following is included among {subject if re.match('the ', subject) else 'the ' + subject}?"
    elif main in {"contain", "contains", "include", "includes", "comprise", "comprises"}:
        question = inverted(clause, subject)
        if question is None:
            return
        stem = f"Which of the following {question}?"
    else:
        stem = f"Which of the following is part of {subject}?"
    for item in sorted(items, key=len, reverse=True):
        plural = item.split()[-1].lower() in w.PLURALS or (item.endswith("s") and not item.endswith(("ss", "us", "is")))
        if not shares(item, subject):
            yield Draft("member", stem, item, "thing", source, item, plural, 0.45, listed=tuple(items))
            if plural and "is included" in stem:
                return
