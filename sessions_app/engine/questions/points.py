"""Open questions for the points that a list or an enumeration gathers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from documents_app.domain.matter.types import Listing, Matter, Span
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.engine.questions.drafts import Draft, distinct, template
from sessions_app.engine.questions.enumerations import enumeration_in
from sessions_app.engine.questions.lists import is_asked_about, lead_of, name_of
from tutor_project.language.quantities.finding import find_quantities

_NO_POINT = re.compile(r"[$=\\{}<>|@#~^_“”„«»\"]|https?:|www\.|[?:]$|\w,$")
"""Formulas, code and addresses, and points that lead into others or break off; arrows may join the parts of one."""
_LEAST, _MOST = 2, 8
"""So many points are asked for in one question."""
_LONGEST_PART = 4
"""Words of a point that is compared as a term; longer ones are told in a learner's own words."""
_MOST_ANNOUNCED = 20
_WORTH_LIST, _WORTH_SENTENCE = 0.75, 0.7


def drafts(matter: Matter) -> Iterator[Draft]:
    """Yield for each list and enumeration of a few points that a sentence announces the question what they are.

    What merely stands under a heading is no list of parallel things: lines of a slide argue, comment and digress.
    """
    for listing in matter.listings:
        if not listing.states_objectives and _LEAST < len(listing.entries) <= _MOST:
            draft = _of_listing(listing, matter)
            if draft is not None:
                yield draft
    for statement in matter.askable:
        found = enumeration_in(statement, matter.language)
        if found is not None and len(found.items) <= _MOST and _has_its_number(found.lead, found.items):
            stem = template(matter.language, "points", lead=f"{found.lead.rstrip(':')} …")
            yield _draft(stem, found.items, statement.evidence, statement.section, _WORTH_SENTENCE, matter)


def _of_listing(listing: Listing, matter: Matter) -> Draft | None:
    if any(_NO_POINT.search(entry.text) for entry in listing.entries):
        return None
    points = distinct([name_of(entry) or entry.text.rstrip(".") for entry in listing.entries])
    titles = {title.casefold() for title in matter.titles.values()}
    if not _has_its_number(listing.lead, points) or any(point.casefold() in titles for point in points):
        return None
    if not is_asked_about(listing, matter):
        return None
    stem = template(matter.language, "points", lead=lead_of(listing, matter))
    return _draft(stem, points, (listing.span,), listing.section, _WORTH_LIST, matter)


def _has_its_number(lead: str, points: Sequence[str]) -> bool:
    """Tell whether there are as many points as the words before them announce, if they announce a number."""
    announced = [
        found.value for found in find_quantities(lead) if not found.unit and 1 < found.value <= _MOST_ANNOUNCED
    ]
    return not announced or len(points) in announced


def _draft(
    stem: str, points: Sequence[str], evidence: tuple[Span, ...], section: int, worth: float, matter: Matter
) -> Draft:
    return Draft(
        pattern="points",
        kind=QuestionKind.SHORT_ANSWER,
        stem=stem,
        key="; ".join(points),
        parts=tuple(points) if all(_is_part(point, matter) for point in points) else (),
        evidence=evidence,
        section=section,
        worth=worth,
        concept=stem,
        hardness=0.6,
    )


def _is_part(point: str, matter: Matter) -> bool:
    """Tell whether a point is short, and holds nothing that parts the points of an answer from each other."""
    words = point.lower().split()
    joining = matter.language.phrase_set("conjunctions") | matter.language.phrase_set("series_conjunctions")
    return len(words) <= _LONGEST_PART and joining.isdisjoint(words) and not set(point) & set(",;()/")
