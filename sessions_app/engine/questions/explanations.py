"""Where a material explains what one of its terms is: in its definition, or where it gets its name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from documents_app.domain.matter.defining import definition_in
from documents_app.domain.matter.naming import is_named_at
from documents_app.domain.matter.standing import addresses, is_exercise, leans
from documents_app.domain.matter.types import KeyTerm, Matter, Span, Statement
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.engine.questions.definitions import is_asked_about, is_defined_well, is_of_the_word
from sessions_app.engine.questions.drafts import Draft, template
from sessions_app.engine.questions.places import Place, places_of
from sessions_app.engine.questions.wholeness import last_clause, opens_a_repetition
from sessions_app.engine.questions.worth import announces, is_beside
from tutor_project.language import Language

_LEAST_TOLD = 5
"""Words of content that a sentence which also praises a thing says of it besides."""
_LEAST_WEIGHT = 0.4
_NO_PROSE = re.compile(r"[$=\\{}<>|@#~^_→←↔“”«»„\"]|https?:|www\.|\.\.\.|…|[!?]|[^\W\d_]{2,}\. [A-ZÄÖÜÉÁ]")
"""Signs of formulas, code and speech, and two sentences read as one."""
_OPENING = 8
"""Words at the beginning among which one that points back makes the sentence need the one before it."""
_SHORTEST, _LONGEST, _LONGEST_TOGETHER = 6, 60, 75
"""Words of a sentence that explains, and of two together."""
_WEIGHTY = 0.5
_OF_A_NAMING = 2
"""Content words up to which a part of a sentence does no more than name: "also known as"."""


class Form(IntEnum):
    """How a passage explains a term, the surest first."""

    DEFINED = 0
    NAMED = 1


_WORTH = 0.7
_DEFINED_TOO = 0.5
"""Worth where the term can be asked for by its definition too, which is graded for certain."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What explains a term: its text as read, and where it stands, the decisive sentence first."""

    term: KeyTerm
    form: Form
    text: str
    evidence: tuple[Span, ...]
    section: int


def drafts(matter: Matter) -> Iterator[Draft]:
    """Yield for each term that the material explains the question what is meant by it."""
    for found in explanations(matter):
        by_definition = is_defined_well(found.term) and is_asked_about(found.term, matter)
        yield Draft(
            pattern="explain",
            kind=QuestionKind.SHORT_ANSWER,
            stem=template(matter.language, "explain", term=found.term.name),
            key=found.text,
            evidence=found.evidence,
            section=found.section,
            worth=(_DEFINED_TOO if by_definition else _WORTH) * matter.share(found.term),
            concept=found.term.name,
            hardness=0.6,
        )


def explanations(matter: Matter) -> list[Explanation]:
    """Return for each key term the passage that explains it best, in the order of the terms; none where none does."""
    best = {found.term: found for found in _by_definition(matter)}
    for at, statement in enumerate(matter.statements):
        if is_taught_prose(statement, matter):
            for found in _in_statement(statement, matter.statements[at - 1] if at else None, matter):
                if found.term not in best or found.form < best[found.term].form:
                    best[found.term] = found
    follower = _followers(matter)
    return [_with_next(best[term], follower, matter) for term in matter.terms if term in best]


def _by_definition(matter: Matter) -> Iterator[Explanation]:
    """Yield the explanations of the terms that a sentence or a glossary defines."""
    known = {statement.span: statement for statement in matter.statements}
    for term in matter.terms:
        if not term.definition or term.span is None or not _defines(term, matter):
            continue
        statement = known.get(term.span)
        if only_praises(f"{term.name} {term.definition}", term, matter.language):
            continue
        if statement is None or not _opens_with(statement.text, term, matter.language):
            yield Explanation(term, Form.DEFINED, _entry(term, matter), (term.span,), term.section)
        elif not _breaks_off(statement.text, term, matter.language):
            yield Explanation(term, Form.DEFINED, statement.text, (term.span,), term.section)


def _opens_with(text: str, term: KeyTerm, tongue: Language) -> bool:
    """Tell whether a sentence begins with a term or with what defines it, so that all of it explains the term."""
    places = [at for part in (term.name, term.definition) if (at := text.lower().find(part.lower())) >= 0]
    return not places or not tongue.content_stems(text[: min(places)])


def _breaks_off(text: str, term: KeyTerm, tongue: Language) -> bool:
    """Tell whether a term that ends a sentence is but the first of two words before a name: "motor or efferent nerves"."""
    before, _, after = text.partition(f" {term.name} ")
    return len(before) > len(after) and after.split(" ", 1)[0] in tongue.phrase_set("conjunctions")


def _entry(term: KeyTerm, matter: Matter) -> str:
    """Return a definition of a glossary with its term, unless it names that itself."""
    named = set(term.stems) <= set(matter.language.content_stems(term.definition))
    return term.definition if named else f"{term.name}: {term.definition}"


def _defines(term: KeyTerm, matter: Matter) -> bool:
    return is_asked_about(term, matter, typed=False) and not is_of_the_word(term.definition)


def is_taught_prose(statement: Statement, matter: Matter) -> bool:
    """Tell whether a sentence states something in plain words, in a part of the text that teaches."""
    return (
        statement.text[-1:] in ".:;"
        and _SHORTEST <= len(statement.text.split()) <= _LONGEST
        and not _NO_PROSE.search(statement.text)
        and not is_exercise((matter.titles.get(statement.section, ""),), matter.language)
        and not announces(statement.text, matter)
        and not is_beside(statement.text, matter.language)
    )


def _in_statement(statement: Statement, before: Statement | None, matter: Matter) -> Iterator[Explanation]:
    places = places_of(statement, matter)
    for place in places:
        if sum(other.term is place.term for other in places) > 1:
            continue
        if _is_whole_name(statement.text, place, matter.language):
            yield from _of_place(statement, place, before, matter)


def _of_place(statement: Statement, place: Place, before: Statement | None, matter: Matter) -> Iterator[Explanation]:
    """Yield how a statement explains the term at a place, with the one before it where it points back; nothing where it does not."""
    form = _form(statement, place, matter)
    if form is None or not _is_worth_explaining(place.term, form, statement, matter):
        return
    head, tongue = statement.text[: place.start], matter.language
    if not needs_what_was_named(statement.text, tongue) and not (form is Form.NAMED and _sums_up(head, tongue)):
        text = _told_of(statement.text, place, matter) if form is Form.NAMED else statement.text
        yield Explanation(place.term, form, text, (statement.span,), statement.section)
    elif form is Form.NAMED and before is not None and _leads_into(before, statement, matter):
        text = f"{before.text} {statement.text}"
        yield Explanation(place.term, form, text, (statement.span, before.span), statement.section)


def _sums_up(text: str, tongue: Language) -> bool:
    """Tell whether what is named only points to what was said: "… of this provision, known as X"."""
    parts = [part for part in re.split(r"[,;:()]", text) if tongue.content_stems(part)]
    told = parts[-1:] if len(tongue.content_stems(" ".join(parts[-1:]))) > _OF_A_NAMING else parts[-2:]
    pointing = tongue.mapping("demonstratives").keys()
    return any(word.text.lower() in pointing for part in told for word in tongue.words(part))


def _told_of(text: str, place: Place, matter: Matter) -> str:
    """Return a sentence from the clause on that a name sums up; all of it where that clause needs what stands before."""
    head = text[: place.start]
    clause = last_clause(head, matter)
    told = f"{clause}{text[place.start :]}"
    if clause == head or len(told.split()) < _SHORTEST or needs_what_was_named(told, matter.language):
        return text
    return f"… {told}"


def _is_worth_explaining(term: KeyTerm, form: Form, statement: Statement, matter: Matter) -> bool:
    """Tell whether a term is no everyday word, and the sentence neither defines another term nor only praises this one."""
    tongue = matter.language
    everyday = len(term.stems) == 1 and term.stems[0] in tongue.stem_set("everyday_nouns")
    if everyday and form is not Form.DEFINED:
        return False
    if is_beside(statement.text, tongue) or opens_a_repetition(statement.text, tongue):
        return False
    other = definition_in(statement.text, tongue) if form is Form.NAMED else None
    if other is not None and tuple(tongue.content_stems(other.term)) != term.stems:
        return False
    return not only_praises(statement.text, term, tongue)


def only_praises(text: str, term: KeyTerm, tongue: Language) -> bool:
    """Tell whether a sentence says little of a term but that it is powerful, important, simple."""
    words = [word.text.lower() for word in tongue.words(text)]
    praise = tongue.phrase_set("praising_words")
    if praise.isdisjoint(words):
        return False
    empty = tongue.stem_set("generic_nouns") | tongue.stem_set("relational_nouns") | tongue.stem_set("common_verbs")
    told = {tongue.stem(word) for word in words if word not in praise and not tongue.is_stop_word(word)}
    return len(told - empty - set(term.stems)) < _LEAST_TOLD


def needs_what_was_named(text: str, tongue: Language) -> bool:
    """Tell whether a word at the beginning of a text stands for what was named before it."""
    early = " ".join(text.split()[:_OPENING])
    words = {word.text.lower() for word in tongue.words(early)}
    pointing = tongue.phrase_set("pronouns") - tongue.phrase_set("possessives")
    return bool(words & (pointing | tongue.mapping("demonstratives").keys())) or leans(text, tongue)


def _form(statement: Statement, place: Place, matter: Matter) -> Form | None:
    """Return how a statement explains the term at a place, None where it does not."""
    tongue, text = matter.language, statement.text
    defined = definition_in(text, tongue) if place.term.weight >= _WEIGHTY else None
    if defined is not None and tuple(tongue.content_stems(defined.term)) == place.term.stems:
        return None if is_of_the_word(defined.definition) or _breaks_off(text, place.term, tongue) else Form.DEFINED
    if place.term.weight < _LEAST_WEIGHT or not is_named_at(text, place.start, place.end, tongue):
        return None
    counted = tongue.mapping("ordinals").keys()
    return Form.NAMED if counted.isdisjoint(word.text.lower() for word in tongue.words(text)) else None


def _is_whole_name(text: str, place: Place, tongue: Language) -> bool:
    """Tell whether the name ends where the term does: no further word of content belongs to it ("motor or efferent nerves")."""
    following = text[place.end :]
    if following[:1] in {"-", "‑", "–", "/", "'", "’"}:
        return False
    word = following.strip().split(" ", 1)[0]
    if word in tongue.phrase_set("conjunctions"):
        return False
    return not following.startswith(" ") or not word[:1].isalnum() or tongue.is_stop_word(word.strip(".,;:)"))


def _leads_into(before: Statement, statement: Statement, matter: Matter) -> bool:
    """Tell whether the statement before stands right there, needs none before it in turn, and is short enough to be shown."""
    return (
        adjoin(before, statement, matter)
        and is_taught_prose(before, matter)
        and not leans(before.text, matter.language)
        and len(f"{before.text} {statement.text}".split()) <= _LONGEST_TOGETHER
    )


def adjoin(before: Statement, statement: Statement, matter: Matter) -> bool:
    """Tell whether a statement stands right behind another in one paragraph."""
    if before.span.document != statement.span.document or before.section != statement.section:
        return False
    between = matter.material[before.span.document].content.text[before.span.char_end : statement.span.char_start]
    return not between.strip() and "\n\n" not in between


def _followers(matter: Matter) -> dict[Span, Statement]:
    """Return the statements that go on about what the one right before them names, by the place of that."""
    return {
        before.span: after
        for before, after in zip(matter.statements, matter.statements[1:], strict=False)
        if _goes_on(after.text, matter.language) and is_taught_prose(after, matter) and adjoin(before, after, matter)
    }


def _goes_on(text: str, tongue: Language) -> bool:
    """Tell whether a sentence goes on about what the one before it names: "It …", "The idea is to …"."""
    mechanism = tongue.alternatives("mechanism_starts")
    return leans(text, tongue) or re.match(rf"(?:{mechanism})(?!\w)", text, re.IGNORECASE) is not None


def _with_next(found: Explanation, follower: dict[Span, Statement], matter: Matter) -> Explanation:
    """Return an explanation with the sentence that goes on about it, where both are short enough to be read as one answer."""
    after = follower.get(found.evidence[0])
    if after is None or len(found.evidence) > 1 or addresses(after.text, matter.language):
        return found
    text = f"{found.text}{'' if found.text[-1:] in '.:;' else '.'} {after.text}"
    if len(text.split()) > _LONGEST_TOGETHER:
        return found
    return Explanation(found.term, found.form, text, (*found.evidence, after.span), found.section)
