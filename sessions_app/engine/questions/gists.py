"""Free recall: a section's main points in a learner's own words, what is left to ask in a lesson where nothing can be asked more closely.

To recall what was just read, without looking, is what makes it stay (Karpicke and Blunt, 2011).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from documents_app.domain.matter.standing import (
    ARROW,
    addresses,
    as_shown,
    is_exercise,
    is_imperative,
    is_telling_line,
    may_be_verb,
    without_speakers,
)
from documents_app.domain.matter.types import KeyTerm, Matter, Statement
from documents_app.domain.reading.form import reading_form
from documents_app.domain.reading.prose import is_back_matter, is_exercises, is_vague, without_number
from sessions_app.domain.questions.types import RECALL, QuestionKind
from sessions_app.engine.lesson.passages import is_example, teaches_nothing
from sessions_app.engine.questions.clauses import without_reader
from sessions_app.engine.questions.drafts import Draft, template
from sessions_app.engine.questions.explanations import adjoin, is_taught_prose, needs_what_was_named
from sessions_app.engine.questions.places import places_of
from sessions_app.engine.questions.worth import is_beside, worth_of
from tutor_project.language import Language

_WORTH = 0.3
_LEAST_WORDS, _LONG = 60, 160
"""Words of a section from which on it has main points to recall, and has three of them rather than two."""
_LEAST_POINTS, _LEAST_TOLD = 2, 12
_LEAST_NAMED = 2
"""Main points that name the term which is asked about in place of a heading that says nothing."""
_OF_TERMS, _MOST_TERMS, _OF_PLACE, _OF_STANDING = 0.2, 3, 0.3, 0.4
_UNQUOTABLE = re.compile(r"[$=\\{}<>|@#~^“”„«»\"]|https?:|www\.")


def drafts(matter: Matter) -> Iterator[Draft]:
    """Yield for each section with main points the question for them: by its title, or by its main term where that says nothing."""
    tongue = matter.language
    titles = {section: _shown(title) for section, title in matter.titles.items()}
    shared = Counter(title.casefold() for title in titles.values())
    by_section: dict[int, list[Statement]] = defaultdict(list)
    for statement in matter.statements:
        by_section[statement.section].append(statement)
    for section, statements in by_section.items():
        title = titles.get(section, "")
        words = sum(len(statement.text.split()) for statement in statements)
        if words < _LEAST_WORDS or not _teaches(title, tongue):
            continue
        points = _points(statements, matter)
        count = _LEAST_POINTS + (words >= _LONG)
        is_of_all = title == _title_of_all(statements[0], matter)
        if is_of_all or is_vague(title, tongue) or shared[title.casefold()] > 1:
            draft = _of_term(
                title, points, count, section, matter, is_shared=not (is_of_all or is_vague(title, tongue))
            )
        else:
            draft = _of_title(title, points, count, section, matter)
        if draft is not None:
            yield draft


def _shown(title: str) -> str:
    return as_shown(without_number(reading_form(title)))


def _title_of_all(statement: Statement, matter: Matter) -> str:
    """Return the one heading above all others of a document: what stands right under it leads in, and is not what it names."""
    headings = matter.material[statement.span.document].content.headings
    highest = min((heading.level for heading in headings), default=0)
    tops = [heading.text for heading in headings if heading.level == highest]
    return _shown(tops[0]) if len(tops) == 1 < len(headings) else ""


def _teaches(title: str, tongue: Language) -> bool:
    """Tell whether a heading can be quoted, and opens neither exercises, sources nor what a learner will be able to do."""
    aims = any(phrase in title.lower() for phrase in tongue.phrases("objective_leads"))
    apart = is_exercise((title,), tongue) or is_exercises(title, tongue) or is_back_matter(title, tongue)
    return bool(title) and not _UNQUOTABLE.search(title) and not aims and not apart


def _points(statements: Sequence[Statement], matter: Matter) -> list[Statement]:
    """Return the statements that say something worth keeping, in order.

    In a lesson the passage stands right before the question: where too few are understood by themselves, those count too
    that point back to one of them.
    """
    tongue = matter.language
    kept = [statement for statement in statements if _is_worth_keeping(statement, matter)]
    alone = [
        statement
        for statement in kept
        if not _leans(statement, matter) and not addresses(_plain(statement, tongue), tongue)
    ]
    if len(alone) >= _LEAST_POINTS:
        return alone
    chained: list[Statement] = []
    for statement in kept:
        goes_on = bool(chained) and adjoin(chained[-1], statement, matter)
        if goes_on or not needs_what_was_named(statement.text, tongue):
            chained.append(statement)
    return chained


def _is_worth_keeping(statement: Statement, matter: Matter) -> bool:
    """Tell whether a statement teaches: whole sentences and the lines of slides do; what speaks to a reader or of the text does not."""
    tongue = matter.language
    if (
        is_beside(statement.text, tongue)
        or teaches_nothing(statement.text, tongue)
        or is_example(statement.text, tongue)
    ):
        return False
    if not statement.text[0].isalnum() or is_imperative(statement.text, tongue, matter.verbs):
        return False
    if ARROW.search(statement.text) or statement.text[-1:].isalnum():
        return is_telling_line(statement.text, tongue)
    pointing = tongue.mapping("demonstratives").keys()
    named = " ".join(word for word in _plain(statement, tongue).split() if word.strip(",;:.()").lower() not in pointing)
    return (
        is_taught_prose(statement, matter)
        and not addresses(named, tongue)
        and any(may_be_verb(word.text.lower(), tongue, matter.verbs) for word in tongue.words(statement.text))
    )


def _leans(statement: Statement, matter: Matter) -> bool:
    """Tell whether a statement, as it stands in the material, points back: a lesson quotes it only with what it points to."""
    return needs_what_was_named(reading_form(matter.cite(statement.span).text), matter.language)


def _plain(statement: Statement, tongue: Language) -> str:
    """Return a statement without the words for those who read and write it."""
    return without_reader(without_speakers(statement.text, tongue), tongue)


def _of_title(title: str, points: Sequence[Statement], count: int, section: int, matter: Matter) -> Draft | None:
    told = _main(points, set(matter.language.content_stems(title)), count, matter)
    name = "gist_asked" if title.endswith("?") else "gist"
    return _draft(template(matter.language, name, title=title), told, title, section, matter)


def _of_term(
    title: str, points: Sequence[Statement], count: int, section: int, matter: Matter, *, is_shared: bool
) -> Draft | None:
    """Return the question what a section whose heading says nothing, or stands over others too, tells of its main term."""
    naming: dict[KeyTerm, list[Statement]] = defaultdict(list)
    for statement in points:
        for term in {place.term.stems: place.term for place in places_of(statement, matter)}.values():
            naming[term].append(statement)
    least = 1 if is_shared else _LEAST_NAMED
    said = set(matter.language.content_stems(title))
    known = [
        term
        for term, named in naming.items()
        if len(named) >= least and not term.is_plain and not said.issuperset(term.stems)
    ]
    if not known:
        return None
    term = max(known, key=lambda one: (len(naming[one]) * matter.share(one), one.name))
    told = _main(points if is_shared else naming[term], set(term.stems), count, matter)
    return _draft(template(matter.language, "gist_of", title=title, term=term.name), told, term.name, section, matter)


def _main(points: Sequence[Statement], wanted: set[str], count: int, matter: Matter) -> list[Statement]:
    """Return the ``count`` points that tell most, in reading order: of what is ``wanted``, of key terms, at the beginning, alone."""

    def weight(statement: Statement) -> float:
        terms = {place.term.stems for place in places_of(statement, matter)}
        of_title = len(wanted & set(statement.stems)) / max(1, len(wanted))
        favoured = _OF_PLACE * (statement is points[0]) + _OF_STANDING * statement.stands_alone
        return of_title + _OF_TERMS * min(_MOST_TERMS, len(terms)) + favoured + worth_of(statement, matter)

    best = sorted(points, key=weight, reverse=True)[:count]
    return sorted(best, key=lambda statement: (statement.span.document, statement.span.char_start))


def _draft(stem: str, told: Sequence[Statement], concept: str, section: int, matter: Matter) -> Draft | None:
    """Return the question for these points; None where they are too few or say too little."""
    if len(told) < _LEAST_POINTS or sum(len(statement.text.split()) for statement in told) < _LEAST_TOLD:
        return None
    return Draft(
        pattern=RECALL,
        kind=QuestionKind.SHORT_ANSWER,
        stem=stem,
        key=" ".join(text if text[-1:] in ".:;" else f"{text}." for text in (statement.text for statement in told)),
        evidence=tuple(statement.span for statement in told),
        section=section,
        worth=_WORTH,
        concept=concept,
        hardness=0.5,
    )
