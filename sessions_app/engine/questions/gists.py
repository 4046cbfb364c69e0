"""Open questions for what a section says of its title: what is left to ask where a section has nothing that can be asked more closely."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from documents_app.domain.matter.standing import addresses, may_be_verb
from documents_app.domain.matter.types import Matter, Statement
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.engine.questions.clauses import without_reader
from sessions_app.engine.questions.drafts import Draft, template
from sessions_app.engine.questions.explanations import is_taught_prose, needs_what_was_named
from sessions_app.engine.questions.places import places_of
from sessions_app.engine.questions.points import names_its_section
from sessions_app.engine.questions.worth import worth_of

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
        if not long or shared[title.casefold()] > 1 or not names_its_section(title.rstrip("?"), matter):
            continue
        told = _main(statements, title, matter)
        if told:
            yield Draft(
                pattern="gist",
                kind=QuestionKind.SHORT_ANSWER,
                stem=template(matter.language, "gist_asked" if title.endswith("?") else "gist", title=title),
                key=" ".join(statement.text for statement in told),
                evidence=tuple(statement.span for statement in told),
                section=section,
                worth=_WORTH,
                concept=title,
                hardness=0.5,
            )


def _main(statements: Sequence[Statement], title: str, matter: Matter) -> list[Statement]:
    """Return the one or two sentences that tell most of what a title names, in reading order; none where none tells of it."""
    tongue = matter.language
    wanted = set(tongue.content_stems(title))
    told = [
        statement
        for statement in statements
        if is_taught_prose(statement, matter)
        and not needs_what_was_named(statement.text, tongue)
        and not addresses(without_reader(statement.text, tongue), tongue)
        and not wanted.isdisjoint(statement.stems)
        and any(may_be_verb(word.text.lower(), tongue, matter.verbs) for word in tongue.words(statement.text))
    ]

    def weight(statement: Statement) -> float:
        terms = {place.term.stems for place in places_of(statement, matter)}
        of_title = len(wanted & set(statement.stems)) / len(wanted)
        return of_title + _OF_TERMS * min(_MOST_TERMS, len(terms)) + worth_of(statement, matter)

    best = sorted(told, key=weight, reverse=True)[:_POINTS]
    if sum(len(statement.text.split()) for statement in best) < _LEAST_TOLD:
        return []
    return sorted(best, key=lambda statement: statement.span.char_start)
