"""Questions from tables: of which row the table says something that it says of no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from documents_app.domain.matter.standing import is_plain_text
from documents_app.domain.matter.types import Matter, Row
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.engine.questions.drafts import LEAST_WRONG, WRONG_OPTIONS, Draft, template
from tutor_project.language import fold

_WORTH = 0.8
_MIN_WORDS, _MAX_WORDS = 2, 30
_MAX_NAME_WORDS = 8
_NUMBER = re.compile(r"\d")


def drafts(matter: Matter) -> Iterator[Draft]:
    """Yield for each cell of words that tells one row from the others the question of which row it stands in."""
    for _, group in groupby(matter.rows, key=lambda row: row.table):
        rows = [row for row in group if _is_name(row.name)]
        if len({fold(row.name) for row in rows}) == len(rows) > LEAST_WRONG:
            for row in rows:
                yield from _of_row(row, rows, matter)


def _is_name(text: str) -> bool:
    return len(text.split()) <= _MAX_NAME_WORDS and is_plain_text(text) and text[:1].isalpha()


def _of_row(row: Row, rows: list[Row], matter: Matter) -> Iterator[Draft]:
    for place, (column, cell) in enumerate(row.cells):
        stems = set(matter.language.content_stems(cell))
        others = [other for other in rows if other is not row and not _says_too(other, place, stems, matter)]
        if (
            not _MIN_WORDS <= len(cell.split()) <= _MAX_WORDS
            or _NUMBER.search(cell)
            or not is_plain_text(cell)
            or stems & set(matter.language.content_stems(row.name))
            or len(others) < LEAST_WRONG
        ):
            continue
        at = rows.index(row)
        near = sorted(others, key=lambda other: abs(rows.index(other) - at))
        yield Draft(
            pattern="row",
            kind=QuestionKind.MULTIPLE_CHOICE,
            stem=template(matter.language, "row_of_cell", column=column, kind=row.kind, cell=cell.rstrip(".")),
            key=row.name,
            wrong=tuple(other.name for other in near[:WRONG_OPTIONS]),
            evidence=(row.span, row.head),
            section=row.section,
            worth=_WORTH,
            concept=row.name,
            hardness=0.6,
        )


def _says_too(other: Row, place: int, stems: set[str], matter: Matter) -> bool:
    """Tell whether another row says at least half of it in the same column."""
    theirs = set(matter.language.content_stems(other.cells[place][1]))
    return 2 * len(stems & theirs) >= max(1, len(stems))
