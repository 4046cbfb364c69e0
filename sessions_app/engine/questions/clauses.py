"""Open questions for what one clause says of another: why, when, what for, in what way, and what follows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from documents_app.domain.matter.standing import addresses, is_imperative, names_a_year, points_back
from documents_app.domain.matter.types import Matter, Span, Statement
from documents_app.domain.reading.form import reading_form
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.engine.questions.drafts import Draft, template
from sessions_app.engine.questions.explanations import adjoin, is_taught_prose, needs_what_was_named
from sessions_app.engine.questions.wholeness import (
    asks_whether,
    compares_with_the_unsaid,
    is_done_for,
    is_rule,
    names_some,
    opens_a_repetition,
    points_to_the_unnamed,
    says_several,
    up_to_next_clause,
)
from sessions_app.engine.questions.worth import BEST, is_beside, is_general, worth_of
from tutor_project.language import Language

_WHY, _FOLLOWS = "why", "consequence"
_WORTHS = {_WHY: 0.65, _FOLLOWS: 0.6, "purpose": 0.4, "condition": 0.4, "means": 0.4}
"""What a clause is for, when it holds and how are asked of a section alone: every other one was a triviality to strict readers."""
_LEAST_CLAIM, _MOST_CLAIM, _LEAST_ANSWER, _MOST_ANSWER = 5, 32, 3, 40
"""Words of a claim and of what answers."""
_LEAST_TOLD, _LEAST_SAID = 3, 2
"""Content words of a claim and of what answers."""
_CONTEXT = 60
_ELISIONS = "'’"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A relation, the claim it is asked of, and what answers."""

    relation: str
    claim: str
    answer: str
    is_cut: bool = False
    """Whether the claim is what stands before the link, so that it may be cut from a clause inside another."""
    is_apart: bool = False
    """Whether a comma ends the claim, and with it every clause inside."""
    goes_on: bool = False
    """Whether the clause behind the link goes on with a sentence that the other one begins: it is shown as it stands there."""


def drafts(matter: Matter) -> Iterator[Draft]:
    """Yield the open questions that the clauses of each statement, and pairs of neighbours, give."""
    before: Statement | None = None
    for statement in matter.statements:
        if is_taught_prose(statement, matter):
            asked = _within(statement.text, matter)
            if asked is not None:
                yield _draft(asked, statement, statement.evidence, matter)
            elif before is not None and adjoin(before, statement, matter):
                between = _between(before, statement, matter)
                if between is not None:
                    yield _draft(between, statement, (statement.span, before.span), matter)
        before = statement if is_taught_prose(statement, matter) else None


def _draft(asked: _Asked, statement: Statement, evidence: tuple[Span, ...], matter: Matter) -> Draft:
    follows = asked.relation == _FOLLOWS
    rest = "… " if asked.goes_on else ""
    claim = asked.claim if follows else f"{rest}{asked.claim}."
    return Draft(
        pattern=asked.relation,
        kind=QuestionKind.SHORT_ANSWER,
        stem=template(matter.language, asked.relation, claim=claim),
        key=f"{rest}{asked.answer}" if follows else asked.answer,
        evidence=evidence,
        section=statement.section,
        worth=_WORTHS[asked.relation] * worth_of(statement, matter) / BEST,
        concept=asked.claim,
        hardness=0.6,
    )


def _within(text: str, matter: Matter) -> _Asked | None:
    """Return what one clause of a sentence says of the other, None where none does or the claim does not stand alone."""
    tongue = matter.language
    body = text.rstrip(".")
    for relation, fronted, pattern in _relations(tongue):
        found = pattern.match(body)
        if found is None:
            continue
        asked = _parted(relation, found, matter, fronted=fronted)
        if _is_asked_about(asked, matter):
            return asked
    return None


def _parted(relation: str, found: re.Match[str], matter: Matter, *, fronted: bool) -> _Asked:
    """Return the two clauses of a sentence; the second ends where another main clause goes on."""
    if not fronted:
        linked = up_to_next_clause(found["linked"], matter)
        is_apart = found.string[found.end("main")] == ","
        answer = f"{found['lead']}{'' if found['lead'][-1] in _ELISIONS else ' '}{linked}"
        return _Asked(relation, found["main"], answer, is_cut=True, is_apart=is_apart)
    link = f"{found['lead']} {found['linked']}"
    if relation == _FOLLOWS:
        return _Asked(relation, link, found["main"], goes_on=True)
    claim = up_to_next_clause(found["main"], matter)
    return _Asked(relation, claim, f"{link[:1].lower()}{link[1:]}", goes_on=True)


def _between(before: Statement, statement: Statement, matter: Matter) -> _Asked | None:
    """Return the reason that a statement gives for the one before it, or the other way round."""
    tongue = matter.language
    raw = reading_form(matter.cite(statement.span).text)
    opener = _opened(raw, tongue, "reason_openers")
    if opener:
        asked = _Asked(_WHY, before.text.rstrip("."), raw[len(opener) :].strip(" ,").rstrip("."))
        return asked if _is_asked_about(asked, matter) else None
    if _opened(raw, tongue, "consequence_openers"):
        asked = _Asked(_WHY, statement.text.rstrip("."), before.text.rstrip("."))
        return asked if _is_asked_about(asked, matter) and not points_back(before.text, tongue) else None
    return None


def _opened(text: str, tongue: Language, name: str) -> str:
    lowered = text[:_CONTEXT].lower().replace("’", "'")
    return next((one for one in tongue.phrases(name) if re.match(rf"{re.escape(one)}(?=,? )", lowered)), "")


def _is_asked_about(asked: _Asked, matter: Matter) -> bool:
    """Tell whether a claim is understood alone and holds in general, and what answers says something of its own."""
    tongue = matter.language
    claim, answer = asked.claim, asked.answer
    plain = without_reader(claim, tongue)
    told, said = set(tongue.content_stems(claim)), set(tongue.content_stems(answer))
    return (
        _LEAST_CLAIM <= len(claim.split()) <= _MOST_CLAIM
        and _LEAST_ANSWER <= len(answer.split()) <= _MOST_ANSWER
        and len(told) >= _LEAST_TOLD
        and len(said - told) >= max(_LEAST_SAID, len(said) / 2)
        and claim.count("(") == claim.count(")")
        and answer.count("(") == answer.count(")")
        and not names_a_year(claim)
        and not points_back(claim, tongue)
        and not needs_what_was_named(claim, tongue)
        and not addresses(f"{plain} {without_reader(answer, tongue)}", tongue)
        and is_general(plain, matter)
        and _is_complete(asked, tongue)
        and _is_whole(asked, matter)
        and answer.split(" ", 1)[0].lower() not in tongue.phrase_set("conjunctions")
        and not is_imperative(answer, tongue, ())
    )


def _is_whole(asked: _Asked, matter: Matter) -> bool:
    """Tell whether neither part needs what only the text around it names, and whether the one answers for the other."""
    tongue, claim = matter.language, asked.claim
    if opens_a_repetition(claim, tongue) or points_to_the_unnamed(claim, matter) or is_beside(claim, tongue):
        return False
    if compares_with_the_unsaid(claim, tongue):
        return False
    spoken = tongue.phrase_set("speaking_words") - tongue.phrase_set("reader_words")
    if not spoken.isdisjoint(word.text.lower() for word in tongue.words(asked.answer)):
        return False
    if asked.is_cut and up_to_next_clause(claim, matter) != claim:
        return False  # the second of two main clauses alone may be what the link belongs to
    return _is_of_its_relation(asked, matter)


def _is_of_its_relation(asked: _Asked, matter: Matter) -> bool:
    """Tell whether claim and answer are what their relation needs: one claim and its reason, an action, a case, a rule."""
    tongue, claim = matter.language, asked.claim
    if asked.relation == _WHY:
        return not says_several(claim, matter) and not names_some(asked.answer, tongue)
    if asked.relation == "purpose":
        return is_done_for(claim, matter)
    if asked.relation == "condition":
        return not asks_whether(claim, tongue)
    leans = not tongue.phrase_set("leaning_words").isdisjoint(asked.answer.lower().split())
    return asked.relation != _FOLLOWS or (not leans and is_rule(claim, asked.answer, matter))


def without_reader(text: str, tongue: Language) -> str:
    """Return a text without the words for its reader: "if you add salt" says what holds whoever adds it."""
    readers = tongue.phrase_set("reader_words")
    return " ".join(word for word in text.split() if word.strip(",;:.()").lower() not in readers)


def _is_complete(asked: _Asked, tongue: Language) -> bool:
    """Tell whether a claim reads as a whole clause: nothing hangs at its end, and it was cut from no clause within it.

    A pronoun in a claim that is cut off may stand for what its sentence names only behind the cut, or nowhere.
    """
    words = [word.text.lower() for word in tongue.words(asked.claim)]
    if not tongue.phrase_set("leaning_words").isdisjoint(words) or tongue.is_stop_word(words[-1]) or len(words[-1]) < 2:
        return False
    if words[-1] in tongue.phrase_set("praising_words"):
        return False  # "it is important because …": what is praised, not what holds
    is_noun = tongue.phrase_set("auxiliaries").isdisjoint(words)
    if asked.relation == "means" and (is_noun or tongue.stem(words[-1]) in tongue.stem_set("common_verbs")):
        return False  # "a solution formed by dissolving …" is no clause, "variety could come by using …" half of one
    inner = set(tongue.mapping("subject_pronouns"))
    if not asked.is_apart:
        inner |= tongue.phrase_set("relative_words")
    return not asked.is_cut or inner.isdisjoint(words[1:])


@lru_cache(maxsize=32)
def _relations(tongue: Language) -> Sequence[tuple[str, bool, re.Pattern[str]]]:
    """Return the patterns by which a sentence joins two clauses, each with its relation and whether it begins with the link."""
    links = tongue.mapping("clause_relations")
    causes = "|".join(f"{re.escape(word)}(?! of )" for word in tongue.phrases("causes"))
    fronted = {_WHY: links.get("fronted_cause", ""), _FOLLOWS: links.get("fronted_condition", "")}
    inside = {_WHY: causes, **{name: links.get(name, "") for name in ("condition", "purpose", "means")}}
    found = [
        (
            name,
            True,
            rf"(?P<lead>{words}) (?!of )(?P<linked>[^,;:]+), (?:(?:{links.get('then', '(?!)')}) )?(?P<main>[^;:]+)$",
        )
        for name, words in fronted.items()
        if words
    ]
    found += [
        (name, False, rf"(?P<main>[^;:]+?),? (?P<lead>{words})(?:(?<=[ '’])|(?: |(?<= )))(?P<linked>[^;:]+)$")
        for name, words in inside.items()
        if words
    ]
    return tuple((name, first, re.compile(pattern, re.IGNORECASE if first else 0)) for name, first, pattern in found)
