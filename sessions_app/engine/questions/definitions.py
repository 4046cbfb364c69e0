"""Questions from definitions: the term to a definition, the definition to a term."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from documents_app.domain.matter.types import KeyTerm, Matter, Stems
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.engine.questions.drafts import WRONG_OPTIONS, Draft, template
from sessions_app.engine.questions.siblings import Siblings, share_head
from sessions_app.engine.questions.subjects import verb_of
from tutor_project.language import fold

_TYPED_WORDS = 6
"""Words of a definition that tells its term without options."""
_LENGTHS = 2.0
"""The longest of the definitions offered is at most so many times the key's length, and the shortest no less than its inverse."""


def drafts(matter: Matter, siblings: Siblings) -> Iterator[Draft]:
    """Yield the questions that each defined term gives."""
    defined = {term.stems: term for term in matter.terms if term.definition and is_asked_about(term, matter)}
    for term in defined.values():
        yield from _term_wanted(term, matter, siblings)
        yield from _definition_wanted(term, defined, matter, siblings)


def is_asked_about(term: KeyTerm, matter: Matter, *, typed: bool = True) -> bool:
    """Tell whether a definition says what its term is: no statement of its own behind a label, nothing about the word.

    ``typed``: whether the term is to be found, so that no word of it may stand in the definition.
    """
    bare = term.definition.partition(" ")[0].lower() not in matter.language.phrase_set("determiners")
    if (bare and verb_of(term.definition, matter)) or is_of_the_word(term.definition):
        return False
    return not (typed and _gives_away(term, matter))


def is_of_the_word(definition: str) -> bool:
    """Tell whether a definition tells of the word, not of the thing: it begins with another word in quotation marks."""
    return definition[:1] in "‘'“\"„«"


def is_defined_well(term: KeyTerm) -> bool:
    """Tell whether a term has a definition that is long enough, up to its first colon, to tell it without options."""
    long = len(re.split(r"\s?[:;]", term.definition)[0].split()) >= _TYPED_WORDS
    return long and not is_of_the_word(term.definition)


def _gives_away(term: KeyTerm, matter: Matter) -> bool:
    """Tell whether the definition holds a word that tells the term from others of its kind: "spring" of "spring tide"."""
    head = matter.language.stem(matter.language.head_of(term.name))
    telling = [stem for stem in term.stems if stem != head] or term.stems
    inside = set(matter.language.content_stems(term.definition))
    folded = fold(term.definition)
    return bool(inside & set(telling)) or any(stem[:5] in folded for stem in telling if len(stem) >= 5)


def _term_wanted(term: KeyTerm, matter: Matter, siblings: Siblings) -> Iterator[Draft]:
    assert term.span is not None
    stems = matter.language.content_stems(term.definition)
    near = [
        sibling
        for sibling in siblings.of(term, context=stems, text=term.definition)
        if _is_rival(sibling.term, term, stems, matter)
    ][:WRONG_OPTIONS]
    # Where the definition holds the head of the term, options with other heads would be no choice.
    if not set(term.stems) & set(stems) and len(near) == WRONG_OPTIONS:
        yield Draft(
            pattern="definition",
            kind=QuestionKind.MULTIPLE_CHOICE,
            stem=template(matter.language, "term_of_definition", definition=term.definition),
            key=term.name,
            wrong=tuple(sibling.term.name for sibling in near),
            evidence=(term.span,),
            section=term.section,
            worth=term.weight,
            concept=term.name,
            hardness=_hardness([sibling.nearness for sibling in near]),
        )
    if len(term.stems) <= 2 and is_defined_well(term):
        yield Draft(
            pattern="definition",
            kind=QuestionKind.SHORT_ANSWER,
            stem=template(matter.language, "term_typed", definition=term.definition),
            key=term.name,
            also=term.other_names,
            evidence=(term.span,),
            section=term.section,
            worth=0.8 * term.weight,
            concept=term.name,
            hardness=0.75,
        )


def _is_rival(other: KeyTerm, term: KeyTerm, told: Sequence[str], matter: Matter) -> bool:
    """Tell whether another term is written alike, is told of somewhere, and is not what the definition says as well."""
    mine, theirs = set(told), set(matter.language.content_stems(other.definition))
    written_alike = other.name[:1].isupper() == term.name[:1].isupper() and other.name.isupper() == term.name.isupper()
    known = bool(other.definition) or share_head(other, term, matter.language)
    fits = 2 * len(mine & theirs) > min(len(mine), len(theirs) or len(mine))
    return written_alike and known and not fits


def _definition_wanted(
    term: KeyTerm, defined: Mapping[Stems, KeyTerm], matter: Matter, siblings: Siblings
) -> Iterator[Draft]:
    assert term.span is not None
    size = len(term.definition)
    near = [
        sibling
        for sibling in siblings.of(term)
        if sibling.term.stems in defined and size / _LENGTHS <= len(sibling.term.definition) <= size * _LENGTHS
    ]
    if len(near) < WRONG_OPTIONS:
        return
    yield Draft(
        pattern="meaning",
        kind=QuestionKind.MULTIPLE_CHOICE,
        stem=template(matter.language, "definition_of_term", term=term.name),
        key=_as_option(term),
        wrong=tuple(_as_option(sibling.term) for sibling in near[:WRONG_OPTIONS]),
        evidence=(term.span,),
        section=term.section,
        worth=0.9 * term.weight,
        concept=term.name,
        hardness=_hardness([sibling.nearness for sibling in near[:WRONG_OPTIONS]]),
    )


def _as_option(term: KeyTerm) -> str:
    """Return a definition with a capital: some are whole sentences, and which begin with one must not tell the key."""
    return term.definition[:1].upper() + term.definition[1:]


def _hardness(nearness: list[float]) -> float:
    return min(1.0, 0.3 + 0.3 * sum(nearness) / len(nearness))
