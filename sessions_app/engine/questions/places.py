"""Where the key terms of a matter stand in a statement."""

from __future__ import annotations

from dataclasses import dataclass

from documents_app.domain.matter.types import KeyTerm, Matter, Statement


@dataclass(frozen=True, slots=True)
class Place:
    """Where a term stands in a statement."""

    term: KeyTerm
    start: int
    end: int


def places_of(statement: Statement, matter: Matter) -> list[Place]:
    """Return the key terms in a statement, the longest at each place, in order."""
    words = matter.language.content_words(statement.text)
    found: list[Place] = []
    at = 0
    while at < len(words):
        for size in range(min(matter.longest_term, len(words) - at), 0, -1):
            term = matter.term_of.get(statement.stems[at : at + size])
            if term is not None:
                found.append(Place(term, words[at].start, words[at + size - 1].end))
                at += size
                break
        else:
            at += 1
    return found
