"""Questions from tables: of which row the table says what it says of no other, told so that no table is needed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from documents_app.domain.matter.standing import is_plain_text
from documents_app.domain.matter.types import Matter, Row
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.engine.questions.drafts import LEAST_WRONG, WRONG_OPTIONS, Draft, as_inside, begun_inside, template
from sessions_app.engine.questions.siblings import is_plural
from tutor_project.language import fold

_WORTH = 0.8
_MOST_CELLS, _MOST_WORDS = 3, 36
"""Cells that describe a row, and words of all of them."""
_TELLING, _ALONE = 2, 5
"""Words of content of a cell that tells a row from the others, and of one that tells it with no other cell beside it."""
_MAX_NAME_WORDS = 8
_NUMBER = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]{3,}")


def drafts(matter: Matter) -> Iterator[Draft]:
    """Yield for each row that its cells of words tell from the others the question which it is."""
    for _, group in groupby(matter.rows, key=lambda row: row.table):
        rows = [row for row in group if _is_name(row.name) and _is_name(row.kind)]
        if len({fold(row.name) for row in rows}) == len(rows) > LEAST_WRONG:
            for row in rows:
                yield from _of_row(row, rows, matter)


def _is_name(text: str) -> bool:
    return len(text.split()) <= _MAX_NAME_WORDS and is_plain_text(text) and text[:1].isalpha()


def _of_row(row: Row, rows: list[Row], matter: Matter) -> Iterator[Draft]:
    shown = [place for place in range(len(row.cells)) if _is_shown(row, place, matter)]
    others = {place: _without(row, place, rows, matter) for place in shown if _size(row, place, matter) >= _TELLING}
    unique = [place for place in others if len(others[place]) >= LEAST_WRONG]
    if not unique:
        return
    first = max(unique, key=lambda place: (len(others[place]), _size(row, place, matter)))
    if len(shown) == 1 and _size(row, first, matter) < _ALONE:
        return
    yield Draft(
        pattern="row",
        kind=QuestionKind.MULTIPLE_CHOICE,
        stem=template(
            matter.language,
            "row_of_several" if is_plural(row.kind) else "row_meant",
            kind=as_inside(row.kind, matter),
            cells=_described(row, _chosen(row, [first, *others, *shown]), matter),
        ),
        key=row.name,
        wrong=tuple(other.name for other in others[first][:WRONG_OPTIONS]),
        evidence=(row.span, row.head),
        section=row.section,
        worth=_WORTH,
        concept=row.name,
        hardness=0.6,
    )


def _without(row: Row, place: int, rows: list[Row], matter: Matter) -> list[Row]:
    """Return the rows that do not say in a column what one does, the nearest first."""
    at = rows.index(row)
    others = [other for other in rows if other is not row and not _says_too(row, other, place, matter)]
    return sorted(others, key=lambda other: abs(rows.index(other) - at))


def _chosen(row: Row, places: Sequence[int]) -> list[int]:
    """Return the first cells of some, each once, that are not too many nor too long together."""
    chosen = list(dict.fromkeys(places))[:_MOST_CELLS]
    while len(chosen) > 1 and sum(len(row.cells[place][1].split()) for place in chosen) > _MOST_WORDS:
        chosen.pop()
    return chosen


def _is_shown(row: Row, place: int, matter: Matter) -> bool:
    """Tell whether a cell is words, no figures, and does not name its row."""
    column, cell = row.cells[place]
    stems = set(matter.language.content_stems(cell))
    return (
        _WORD.search(column) is not None
        and is_plain_text(column.rstrip(" ?"))
        and is_plain_text(cell)
        and not _NUMBER.search(cell)
        and cell[:1].isalpha()
        and len(cell.split()) <= _MOST_WORDS
        and not stems & set(matter.language.content_stems(row.name))
    )


def _size(row: Row, place: int, matter: Matter) -> int:
    """Return how many words of content a cell has."""
    return sum(_WORD.search(word.text) is not None for word in matter.language.content_words(row.cells[place][1]))


def _described(row: Row, places: Sequence[int], matter: Matter) -> str:
    """Return cells, each behind the head of its column, as one sentence without its stop."""
    parts = []
    for place in places:
        column, cell = row.cells[place]
        head = column.rstrip(" ?:")
        parts.append(f"{as_inside(head, matter)}: {begun_inside(cell.rstrip('. '), matter)}")
    text = "; ".join(parts)
    return text[:1].upper() + text[1:]


def _says_too(row: Row, other: Row, place: int, matter: Matter) -> bool:
    """Tell whether another row says at least half of it in the same column."""
    mine, theirs = (set(matter.language.content_stems(one.cells[place][1])) for one in (row, other))
    return 2 * len(mine & theirs) >= max(1, len(mine))
