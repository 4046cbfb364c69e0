"""Questions for what the material says of a thing: a statement is begun, its own ending stands among those of others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from documents_app.domain.matter.standing import may_be_verb, names_a_year
from documents_app.domain.matter.types import KeyTerm, Matter, Statement
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.engine.questions.drafts import LEAST_WRONG, WRONG_OPTIONS, Draft, template
from sessions_app.engine.questions.places import places_of
from sessions_app.engine.questions.siblings import Siblings
from sessions_app.engine.questions.worth import is_past, telling_stems, worth_of
from tutor_project.language import Language, Word

_LENGTHS = 2.2
_MIN_WORDS, _MAX_WORDS = 4, 24
_LEAST_STEMS = 3
_LONGEST_SUBJECT = 10
"""Words of a subject with all that belongs to it."""
_BEGUN = 4
"""Words of a predicate that show what is told of the subject."""
_WORTH = 0.5
"""Every other wrong ending may be right too, strict readers found: a quiz takes them only where their kind is asked for."""
_SOME, _PLAIN = 0.2, 0.3
"""Weight of a subject that is no key term, and what a question about a word that is no more than frequent loses."""
_SAID_ALIKE = 0.25
"""Share of the telling words of the shorter of two predicates up to which they say different things."""
_SAID_TOO = 0.4
"""Share of a predicate's telling words from which on another sentence says it of the term as well."""
_LEAST_NAMED = 2
"""Content words from which on a subject that is no key term says on its own what is meant."""
_FAMILY = 6
"""Letters at the beginning that words of one family share."""
_FAR = 3
"""Sections apart from which on two statements are far from each other."""
_LOOKED_AT = 60
"""So many predicates at most are looked at for the wrong options of one."""
_TELLTALES = ("vague_frequencies", "absolutes", "speaking_words")
"""Lists of words that tell a wrong option from a right one, or that speak of somebody."""
_DIGIT = re.compile(r"\d")
_ONE_PHRASE = frozenset({" ", "-", "‑", ""})
"""What stands between two words of one phrase."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a statement says of its subject, from the verb on.

    ``term`` is the weightiest key term in the subject; where it holds none, the subject itself with a small weight.
    """

    statement: Statement
    subject: str
    term: KeyTerm
    predicate: str
    stems: frozenset[str]
    verb: str
    number: str
    is_past: bool


def drafts(matter: Matter, siblings: Siblings) -> Iterator[Draft]:
    """Yield for each statement about a key term the question how it ends; the wrong options are endings of statements about its kin."""
    told = [said for statement in matter.askable if (said := said_in(statement, matter)) is not None]
    used: Counter[str] = Counter()
    for at, said in enumerate(told):
        wrong = _wrong_endings(said, told[max(0, at - _LOOKED_AT) : at + _LOOKED_AT], used, matter, siblings)
        if len(wrong) >= LEAST_WRONG:
            used.update(other.predicate for other in wrong)
            yield Draft(
                pattern="said_of",
                kind=QuestionKind.MULTIPLE_CHOICE,
                stem=template(matter.language, "said_of", subject=said.subject),
                key=said.predicate,
                wrong=tuple(other.predicate for other in wrong),
                evidence=said.statement.evidence,
                section=said.statement.section,
                worth=_WORTH
                * worth_of(said.statement, matter)
                * (1.0 - _PLAIN * said.term.is_plain)
                * matter.share(said.term),
                concept=said.term.name,
                hardness=0.6,
            )


def said_in(statement: Statement, matter: Matter) -> Said | None:
    """Return what a statement that stands alone says of its subject; None where it does not begin with that."""
    tongue = matter.language
    verb = None if names_a_year(statement.text) else verb_of(statement.text, matter)
    if verb is None:
        return None
    subject, predicate = statement.text[: verb.start].rstrip(), statement.text[verb.start :].strip().rstrip(".")
    terms = [place.term for place in places_of(statement, matter) if place.end <= verb.start]
    stems = frozenset(tongue.content_stems(predicate))
    told = telling_stems(stems, statement.section, matter)
    opening = predicate.lower().split()[:_BEGUN]
    begun = {*subject.lower().split(), *opening}
    if begun & set(tongue.mapping("ordinals")) or set(opening[1:2]) & tongue.phrase_set("that_words"):
        return None  # "the second way" is one among others; "… is that …" is said of a property or a reason alone
    if not _MIN_WORDS <= len(predicate.split()) <= _MAX_WORDS or len(told) < _LEAST_STEMS:
        return None
    thing = KeyTerm(subject, tuple(tongue.content_stems(subject)), _SOME, statement.section)
    pointing = tongue.phrase_set("determiners") - tongue.phrase_set("indefinite_articles")
    if not terms and len(thing.stems) < _LEAST_NAMED and subject.split(" ")[0].lower() in pointing:
        return None  # "the user", "the service": which one, the text before it tells
    term = max(terms, key=lambda term: term.weight, default=thing)
    if stems & set(term.stems):
        return None
    past = is_past(statement, matter) or verb.text.endswith(_past_endings(matter))
    return Said(statement, subject, term, predicate, stems, verb.text, _number(verb.text, matter), past)


def verb_of(text: str, matter: Matter) -> Word | None:
    """Return the finite verb behind a statement's subject: an auxiliary, else the first word that can be none but a verb.

    None where the statement does not begin with its subject or the subject has a clause of its own.
    """
    tongue = matter.language
    words = tongue.words(text)[: _LONGEST_SUBJECT + 1]
    determiners = {word.rstrip("'") for word in tongue.phrase_set("determiners")}
    lowered = [word.text.lower().rstrip("'’") for word in words]
    if not words or words[0].start or (tongue.is_stop_word(lowered[0]) and lowered[0] not in determiners):
        return None
    size = _phrase_length(text, words, lowered, matter)
    auxiliaries = tongue.phrase_set("auxiliaries")
    finite = (at for at in range(1, size) if lowered[at] in auxiliaries and lowered[at - 1] not in determiners)
    verbs = (
        at
        for at in range(1, size)
        if not tongue.is_stop_word(lowered[at - 1]) and _is_verb(lowered[at], *lowered[at + 1 : at + 2], matter=matter)
    )
    at = next(finite, next(verbs, None))
    return None if at is None else words[at]


def _phrase_length(text: str, words: Sequence[Word], lowered: Sequence[str], matter: Matter) -> int:
    """Return how many words stand before a comma or the beginning of another clause; the auxiliary that ends a subject counts."""
    tongue = matter.language
    inside = tongue.phrase_set("noun_leads") | tongue.phrase_set("inner_words") | tongue.phrase_set("auxiliaries")
    inside |= {word.rstrip("'") for word in tongue.phrase_set("determiners")}
    inside -= tongue.phrase_set("possessives") | tongue.phrase_set("that_words")
    for at in range(1, len(words)):
        apart = text[words[at - 1].end : words[at].start].strip("'’") not in _ONE_PHRASE
        if apart or (tongue.is_stop_word(lowered[at]) and lowered[at] not in inside):
            return at
    return len(words)


def _is_verb(word: str, following: str = "", *, matter: Matter) -> bool:
    """Tell whether a word is a finite verb; behind a noun whose adjectives follow it only one that is listed is sure to be."""
    tongue = matter.language
    shape = tongue.mapping("noun_shape")
    if tongue.head_first:
        articles = {article.rstrip("'") for article in tongue.phrase_set("determiners")}  # one follows no name
        weak = tuple(shape.get("participle_endings", "").split())
        listed = word in tongue.phrase_set("common_verbs") and not word.endswith(weak)
        return listed or (word.isalpha() and not tongue.is_stop_word(word) and following in articles)
    # "the glycols used in radiators": what a preposition follows may be said of the noun before it.
    is_participle = word.endswith(tuple(shape.get("weak_endings", "").split())) and following in tongue.phrase_set(
        "noun_leads"
    ) | tongue.phrase_set("inner_words")
    nouns = tuple(ending for endings in tongue.mapping("noun_kinds").values() for ending in endings.split())
    is_noun = word.removesuffix("s").endswith(nouns) or word in tongue.phrase_set("auxiliaries")
    return not is_participle and not is_noun and may_be_verb(word, tongue, matter.verbs)


def _past_endings(matter: Matter) -> tuple[str, ...]:
    return tuple(matter.language.mapping("verb_shape").get("numberless_endings", "").split())


def _number(verb: str, matter: Matter) -> str:
    """Return "one" or "several" as a verb shows, '' where it has one form for both."""
    shape = matter.language.mapping("verb_shape")
    if verb in shape.get("numberless", "").split() or verb.endswith(_past_endings(matter)):
        return ""
    if "singular_endings" in shape:
        return "one" if verb.endswith(tuple(shape["singular_endings"].split())) else "several"
    return "several" if verb.endswith(tuple(shape.get("plural_endings", "").split())) else "one"


def _wrong_endings(
    said: Said, others: Sequence[Said], used: Mapping[str, int], matter: Matter, siblings: Siblings
) -> list[Said]:
    """Return what is said of other things and could be said of this: of its kin, in like words, near it, seldom used yet."""
    is_term = said.term.stems in matter.term_of
    kin = {sibling.term.stems for sibling in siblings.of(said.term)} if is_term else set()

    def farness(other: Said) -> float:
        apart = min(_FAR, abs(other.statement.section - said.statement.section))
        return (other.verb != said.verb) + apart / 2 + used.get(other.predicate, 0) / 2

    near = sorted((other for other in others if other.term.stems in kin), key=farness)
    chosen: list[Said] = []
    for other in near:
        if all(other.term is not one.term for one in (said, *chosen)) and _could_be(other, said, matter):
            chosen.append(other)
        if len(chosen) == WRONG_OPTIONS:
            break
    return chosen


def _share_a_family(mine: Collection[str], theirs: Collection[str]) -> bool:
    """Tell whether two names hold words of one family: "inflammation" and "inflammatory response"."""
    return any(one[:_FAMILY] == other[:_FAMILY] for one in mine for other in theirs if len(one) >= _FAMILY)


def _could_be(other: Said, said: Said, matter: Matter) -> bool:
    """Tell whether what is said of another thing would read well of this one, and is nowhere said of it."""
    alike = _reads_alike(other, said, matter.language)
    return alike and _is_of_another(other, said) and not _is_said_too(other, said, matter)


def _reads_alike(other: Said, said: Said, tongue: Language) -> bool:
    """Tell whether two endings are of one length, number and time, and neither gives itself away by a number or a hedge."""
    hedges = frozenset[str]().union(*map(tongue.phrase_set, _TELLTALES))
    auxiliaries = tongue.phrase_set("auxiliaries")
    return (
        1 / _LENGTHS <= len(other.predicate) / len(said.predicate) <= _LENGTHS
        and other.number in {said.number, ""}
        and other.is_past == said.is_past
        and (other.verb == said.verb or auxiliaries.isdisjoint({other.verb, said.verb}))
        and (_DIGIT.search(other.predicate) is None or _DIGIT.search(said.predicate) is not None)
        and not hedges & {word.lower() for word in other.predicate.split()}
    )


def _is_of_another(other: Said, said: Said) -> bool:
    """Tell whether two statements are about things with names of their own, and say different things."""
    mine, theirs = set(said.term.stems), set(other.term.stems)
    return (
        not _share_a_family(mine, theirs)
        and not (mine <= theirs or theirs <= mine)
        and not mine & other.stems
        and len(other.stems & said.stems) <= _SAID_ALIKE * min(len(other.stems), len(said.stems))
    )


def _is_said_too(other: Said, said: Said, matter: Matter) -> bool:
    """Tell whether the material says of this thing, or of a word that only its name has, what it says of the other."""
    own = set(said.term.stems) - set(other.term.stems)
    named = (said.term.stems, *((stem,) for stem in own))
    return any(matter.is_said_with(stems, other.stems, _SAID_TOO) for stems in named)
