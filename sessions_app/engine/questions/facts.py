"""Facts in clauses, and the questions that ask for them.

Each function takes one read sentence and yields drafts: a stem with the answer as the material words it. Wrong
options, difficulty and evidence are added later, the same way for all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sessions_app.domain.grading.numbers import Quantity, find_quantities
from sessions_app.domain.questions.text import content_roots
from sessions_app.engine.questions import words as w
from sessions_app.engine.questions.clauses import Clause, read_noun_phrase
from sessions_app.engine.questions.entities import HUMAN_VERBS, EntityPool, is_hollow, is_name_with_of
from sessions_app.engine.questions.reading import ReadSentence
from sessions_app.engine.questions.standalone import is_pointing
from sessions_app.engine.questions.wording import inverted, lower_first, strip_determiner, upper_first, verb_phrase


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


_NAMING = frozenset("called termed named dubbed".split())
_NAMING_AS = frozenset("known referred described".split())
_DEFINING_DETERMINERS = frozenset({"a", "an", "the"})
_WEAK_COMPLEMENT = re.compile(
    r"^(?:an?|the|one|some)\s+(?:(?:very|most|more|main|major|key|important|common|good|famous|typical|well-known|other|special|different)\s+)*"
    r"(?:example|examples|exception|part|parts|result|reason|matter|number|variety|kind|type|form|way|same|fact|question|problem|topic|case|"
    r"factor|family|issue|challenge|concept|idea|list|difference|subject|consequence|feature|property|term|name|area|one|important|major|key)\b",
    re.IGNORECASE,
)
_PLACE_VERBS = frozenset(
    "located found situated lie lies lay resides reside occurs occur takes lives live embedded housed stored begins originates".split()
)
_PLACE_PREPOSITIONS = frozenset(
    "in on at within inside between near beneath above below along outside behind under across around".split()
)
_BAD_END = frozenset({"DT", "IN", "CC", "TO", "PRP$", "WDT", "WRB", "MD", ",", "RB", "(", "POS"})


def drafts_of(source: ReadSentence, pool: EntityPool) -> Iterator[Draft]:
    """Yield every draft that the sentence's clause gives; ``pool`` tells persons and terms."""
    clause = source.clause
    if clause is None or not _usable(clause):
        return
    yield from _subjects(source, clause, pool)
    for pattern in (_names, _definitions, _objects, _complements, _years, _counts, _members):
        yield from pattern(source, clause)


def _usable(clause: Clause) -> bool:
    rest = clause.tokens[clause.verb_end : clause.rest_end]
    if (
        rest
        and rest[-1].tag in _BAD_END
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
            if (
                clause.tokens[i - 1].low in {"and", "or", "but", ","}
                or clause.tokens[i - 1].tag == "RB"
                and clause.tokens[i - 2].low in {"and", "or", "but"}
            ):
                continue
            if token.tag == "VBD" and token.low.endswith("ed"):
                continue
            licences -= 1
            if licences < 0:
                return True
    return False


def _words(text: str) -> int:
    return len(text.split())


def _short_subject(clause: Clause) -> str:
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


def _predicate(clause: Clause) -> str:
    rest = clause.rest_text
    return f"{verb_phrase(clause)} {rest}".strip().replace(" ,", ",")


def _asked_subject(clause: Clause) -> str:
    """The subject inside a question: as written, with a small first letter."""
    return lower_first(clause.subject_text, clause.tokens, clause.subject.start)


def _with_opener(clause: Clause, question: str) -> str:
    """Put a kept opener in front: "In mammals, what …"."""
    if not clause.opener:
        return upper_first(question)
    return f"{upper_first(clause.opener)}, {question}"


def _shares(answer: str, text: str) -> bool:
    return bool(set(content_roots(answer)) & set(content_roots(text)))


def _names(source: ReadSentence, clause: Clause) -> Iterator[Draft]:
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
    if phrase is None or phrase.end < clause.rest_end and clause.tokens[phrase.end].tag not in {",", "IN", "CC"}:
        return
    if phrase.end < clause.rest_end and clause.tokens[phrase.end].low in {"or", "and"} | w.PREPOSITIONS - {"or"}:
        return
    name = strip_determiner(clause.slice(phrase.start, phrase.end))
    if _words(name) > 4 or _shares(name, clause.subject_text) or len(content_roots(clause.subject_text)) < 2:
        return
    question = inverted(clause, _asked_subject(clause))
    if question is None:
        return
    stem = _with_opener(clause, f"what {question} {particle}".strip() + "?")
    yield Draft("naming", stem, name, "thing", source, name, phrase.plural, 0.35)
    before = clause.statement[: -1 - len(clause.slice(phrase.start, clause.rest_end))].rstrip()
    determined = strip_determiner(clause.slice(phrase.start, phrase.end)) != clause.slice(phrase.start, phrase.end)
    lead = ""
    if determined:
        lead = " the" if clause.tokens[phrase.start].low == "the" else " a(n)"
    yield Draft("naming", f"{before}{lead} _____.", name, "thing", source, name, phrase.plural, 0.4, gap=True)


def _definitions(source: ReadSentence, clause: Clause) -> Iterator[Draft]:
    """ "A virus is an infectious agent that …", "Flagella are rigid structures …": both directions."""
    if not clause.copula or clause.negated or clause.opener or clause.tokens[clause.main].low not in {"is", "are"}:
        return
    if clause.verb_end - clause.verb_start != 1:
        return
    name = _short_subject(clause)
    complement = clause.rest_text
    first = clause.tokens[clause.verb_end]
    if not name or not 4 <= _words(complement) <= 26 or _WEAK_COMPLEMENT.match(complement):
        return
    phrase = read_noun_phrase(clause.tokens, clause.verb_end, prepositions=False)
    if (
        phrase is None
        or phrase.conjoined
        or phrase.plural != clause.subject.plural
        or is_pointing(list(clause.tokens[clause.verb_end : clause.rest_end]))
    ):
        return
    if (
        clause.subject.plural
        and first.tag == "DT"
        or not clause.subject.plural
        and first.low not in _DEFINING_DETERMINERS
    ):
        return
    verb = clause.tokens[clause.main].low
    if not _shares(name, complement):
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
        f"What {verb} {_asked_subject(clause)}?",
        complement,
        "predicate",
        source,
        name,
        clause.subject.plural,
        0.4,
    )


def _subjects(source: ReadSentence, clause: Clause, pool: EntityPool) -> Iterator[Draft]:
    """Ask for the subject of any specific predicate: "Which of the following …?", "Who …?"."""
    name = _short_subject(clause)
    if not name or clause.negated or clause.subordinate_opener:
        return
    asked = "which of the following"
    if name.startswith(("term ", "word ", "name ")) and len(name.split()) > 1:
        asked, name = f"which {name.split()[0]}", name.split(maxsplit=1)[1]
    predicate = _predicate(clause)
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
        not 4 <= _words(predicate) <= 22
        or len(content_roots(predicate)) < 3
        or _shares(name, f"{predicate} {clause.opener}")
    ):
        return
    if clause.copula and (_WEAK_COMPLEMENT.match(clause.rest_text) or len(content_roots(clause.rest_text)) < 4):
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
            _with_opener(clause, f"who {predicate}?"),
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
    stem = _with_opener(clause, f"{asked} {predicate}?")
    yield Draft("subject", stem, name, "thing", source, name, clause.subject.plural, 0.5)


def is_person(clause: Clause, name: str, pool: EntityPool) -> bool:
    """Whether the subject is the name of a person: it does what people do, here or elsewhere in the material."""
    subject = clause.tokens[clause.subject.start : clause.subject.core_end]
    known = pool.find(name, False)
    if clause.subject.plural or subject[-1].tag != "NNP":
        return False
    bare_name = all(token.tag == "NNP" and not token.text.isupper() for token in subject)
    acts = clause.tokens[clause.main].low in HUMAN_VERBS and not clause.passive
    return (known is not None and known.kind == "person") or (bare_name and acts)


def _objects(source: ReadSentence, clause: Clause) -> Iterator[Draft]:
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
    if end < clause.rest_end and clause.tokens[end].tag not in {"IN", "TO"} or clause.tokens[end - 1].tag in _BAD_END:
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
    if clause.tokens[phrase.start].low in _QUANTIFYING or clause.opener.lower() in w.HEDGES:
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
        or _shares(answer, f"{clause.subject_text} {tail}")
    ):
        return
    if clause.tokens[phrase.head].low in w.SHELL_NOUNS and end == phrase.end:
        return
    question = inverted(clause, _asked_subject(clause))
    if question is None or is_hollow(
        [token for token in clause.tokens[phrase.start : phrase.core_end] if token.tag not in {"DT", "RB"}]
    ):
        return
    if len(content_roots(f"{clause.subject_text} {tail}")) < (2 if main.low not in _THIN_VERBS else 4):
        return
    stem = _with_opener(clause, f"what {question} {tail}".strip() + "?")
    yield Draft("object", stem, answer, "thing", source, strip_determiner(clause.subject_text), phrase.plural, 0.5)
    if phrase.end == end:
        yield from _gap(source, clause, phrase.start, phrase.end, phrase.plural, "object")


_QUANTIFYING = frozenset(
    "no any little all each every most some many several few various other another both much more".split()
)
_THIN_VERBS = frozenset(
    """cause causes involve involves provide provides have has had lack lacks confer confers follow follows need needs require requires show
    shows exhibit exhibits possess possesses see sees mean means undergo undergoes support supports give gives make makes""".split()
)


def _gap(source: ReadSentence, clause: Clause, start: int, end: int, plural: bool, pattern: str) -> Iterator[Draft]:
    """The statement with one noun phrase left out."""
    phrase = clause.slice(start, end)
    name = strip_determiner(phrase)
    tokens = [token for token in clause.tokens[start:end] if token.tag not in {"DT", "PRP$"}]
    if (
        not tokens
        or len(tokens) > 3
        or tokens[0].tag in {"CD", "RB", "JJR", "JJS"}
        or is_hollow(tokens)
        or any(t.tag == "PRP$" for t in clause.tokens[start:end])
    ):
        return
    statement = clause.statement
    if statement.count(phrase) != 1 or _shares(name, statement.replace(phrase, "")):
        return
    lead = clause.tokens[start].low if clause.tokens[start].tag == "DT" else ""
    gap = {"a": "a(n) _____", "an": "a(n) _____", "the": "the _____"}.get(lead, "_____" if not lead else "")
    if gap and name.lower() not in w.SHELL_NOUNS:
        yield Draft(pattern, statement.replace(phrase, gap), name, "thing", source, name, plural, 0.5, gap=True)


_ASKABLE = frozenset("of for by from into to with in as on".split())


def _complements(source: ReadSentence, clause: Clause) -> Iterator[Draft]:
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
    question = inverted(clause, _asked_subject(clause))
    if question is None:
        return
    verb = clause.tokens[clause.main].low
    answer = clause.slice(phrase.start, phrase.end)
    if verb in _PLACE_VERBS and preposition in _PLACE_PREPOSITIONS:
        place = clause.slice(i, phrase.end)
        if not _shares(place, clause.subject_text) and _words(place) <= 10:
            yield Draft(
                "place",
                _with_opener(clause, f"where {question}?"),
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
        or _words(answer) > 9
    ):
        return
    if (
        find_quantities(answer)
        or _shares(answer, f"{clause.subject_text} {clause.opener}")
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
    if not tokens or is_hollow(tokens) or clause.tokens[phrase.start].low in _QUANTIFYING:
        return
    asked = f"what {question} {adjective}".strip() + f" {preposition}?"
    yield Draft(
        "relation",
        _with_opener(clause, asked),
        answer,
        "thing",
        source,
        strip_determiner(clause.subject_text),
        phrase.plural,
        0.5,
    )
    if phrase.end == phrase.core_end:
        yield from _gap(source, clause, phrase.start, phrase.end, phrase.plural, "relation")


_PREPOSITIONAL = frozenset(
    """consists consist depends depend leads lead results result stems refers refer belongs belong derives derive arises arise
    composed made derived used involved caused produced surrounded covered formed converted divided classified regulated controlled
    based attached connected linked associated responsible replaced transported enclosed lined innervated triggered mediated
    synthesised synthesized generated released secreted separated protected developed evolved""".split()
)


def _years(source: ReadSentence, clause: Clause) -> Iterator[Draft]:
    """ "In 1839, Schleiden suggested …" or "… was discovered in 1665": ask for the year."""
    if clause.negated:
        return
    opener = re.fullmatch(r"[Ii]n (1\d{3}|20\d{2})", clause.opener)
    subject = (
        clause.subject_text if clause.tokens[clause.subject.start].tag in {"NNP", "NNPS"} else _asked_subject(clause)
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


def _counts(source: ReadSentence, clause: Clause) -> Iterator[Draft]:
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
    question = inverted(clause, _asked_subject(clause))
    tail = clause.slice(counted_end, clause.rest_end)
    if " as well as " in f" {tail} " or " and " in f" {tail} ":
        return
    if (
        not counted
        or question is None
        or j == phrase.end
        or (tail and clause.tokens[counted_end].tag not in {"IN", "TO", "VBN"})
    ):
        return
    if clause.tokens[phrase.head].low in {"years", "days", "hours", "minutes", "weeks", "months", "times"}:
        return
    stem = _with_opener(clause, f"{approximate}how many {counted} {question} {tail}".strip() + "?")
    yield Draft(
        "number", stem, number, "number", source, strip_determiner(clause.subject_text), False, 0.5, quantity=quantity
    )


def _members(source: ReadSentence, clause: Clause) -> Iterator[Draft]:
    """ "Excitable cells include neurons, muscle cells and …": ask for one member."""
    if (
        clause.tokens[clause.main].low not in {"include", "includes", "are", "comprise", "comprises"}
        or clause.negated
        or clause.opener
    ):
        return
    if not clause.subject.plural or clause.copula or clause.verb_end - clause.verb_start != 1:
        return
    rest = clause.rest_text
    items = [
        strip_determiner(item.strip())
        for item in re.split(r",\s*(?:and|or)?\s*|\s+(?:and|or)\s+", rest)
        if item.strip()
    ]
    if len(items) < 3 or any(_words(item) > 4 or not item for item in items):
        return
    subject = _asked_subject(clause)
    subject = subject if re.match(r"the\b", subject) else f"the {subject}"
    for item in items:
        phrase_plural = item.split()[-1].lower() in w.PLURALS or (
            item.endswith("s") and not item.endswith(("ss", "us", "is"))
        )
        if _shares(item, subject):
            continue
        stem = f"Which of the following is included among {subject}?"
        yield Draft("member", stem, item, "thing", source, item, phrase_plural, 0.45, listed=tuple(items))
        return


Pattern = Callable[[ReadSentence, Clause], Iterator[Draft]]
