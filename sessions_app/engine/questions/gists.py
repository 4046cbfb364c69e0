"""Open questions for what a section says of its title: what is left to ask where a section has nothing that can be asked more closely."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from documents_app.domain.matter.types import Matter, Statement
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.engine.questions.drafts import Draft, template
from sessions_app.engine.questions.explanations import is_taught_prose
from sessions_app.engine.questions.places import places_of
from sessions_app.engine.questions.points import names_its_section
from sessions_app.engine.questions.worth import is_general

_WORTH = 0.3
_LEAST_WORDS, _POINTS, _LEAST_TOLD = 60, 2, 12
_OF_TERMS, _MOST_TERMS = 0.2, 3


def drafts(matter: Matter) -> Iterator[Draft]:
    """Yield for each section whose title says what it is about the question what is said of that."""
    shared = Counter(title.casefold() for title in matter.titles.values())
    by_section: dict[int, list[Statement]] = defaultdict(list)
    for statement in matter.statements:
        by_section[statement.section].append(statement)
    for section, statements in by_section.items():
        title = matter.titles.get(section, "")
        long = sum(len(statement.text.split()) for statement in statements) >= _LEAST_WORDS
        if not long or shared[title.casefold()] > 1 or not names_its_section(title, matter):
            continue
        told = _main(statements, title, matter)
        if told:
            yield Draft(
                pattern="gist",
                kind=QuestionKind.SHORT_ANSWER,
                stem=template(matter.language, "gist", title=title.rstrip(".?! ")),
                key=" ".join(statement.text for statement in told),
                evidence=tuple(statement.span for statement in told),
                section=section,
                worth=_WORTH,
                concept=title,
                hardness=0.5,
            )


def _main(statements: Sequence[Statement], title: str, matter: Matter) -> list[Statement]:
    """Return one or two sentences that stand alone and tell of what the title names, in reading order; none where none does."""
    wanted = set(matter.language.content_stems(title))
    told = [
        statement
        for statement in statements
        if statement.stands_alone
        and is_taught_prose(statement, matter)
        and is_general(statement.text, matter)
        and len(wanted & set(statement.stems)) > len(wanted) / 2
    ]

    def weight(statement: Statement) -> float:
        terms = {place.term.stems for place in places_of(statement, matter)}
        return len(wanted & set(statement.stems)) / len(wanted) + _OF_TERMS * min(_MOST_TERMS, len(terms))

    best = sorted(told, key=weight, reverse=True)[:_POINTS]
    if sum(len(statement.text.split()) for statement in best) < _LEAST_TOLD:
        return []
    return sorted(best, key=lambda statement: statement.span.char_start)
