"""Questions from the lines of slides that join their parts by arrows: "cause → effect". How does the line go on?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from documents_app.domain.matter.types import Matter, Statement
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.engine.questions.drafts import WRONG_OPTIONS, Draft, template

_ARROW = re.compile(r"\s*[→⇒➔➜]\s*")
_WORTH = 0.6
_LENGTHS = 1.6
_MIN_WORDS, _MAX_WORDS, _MAX_HEAD = 4, 18, 16
_LEAST_STEMS = 2


@dataclass(frozen=True, slots=True)
class _Joined:
    """A line in two: what it begins with and what the last arrow leads to."""

    line: Statement
    head: str
    tail: str
    stems: frozenset[str]
    tail_stems: frozenset[str]


def drafts(matter: Matter) -> Iterator[Draft]:
    """Yield for each line with an arrow the question how it goes on; other lines' ends are the wrong options."""
    found = [joined for line in matter.lines if line.stands_alone and (joined := _joined(line, matter)) is not None]
    for one in found:
        fit = [other for other in found if other is not one and _could_follow(other, one)]
        near = sorted(fit, key=lambda other: abs(other.line.section - one.line.section))
        if len(near) >= WRONG_OPTIONS:
            yield Draft(
                pattern="line",
                kind=QuestionKind.MULTIPLE_CHOICE,
                stem=template(matter.language, "line_goes_on", head=one.head),
                key=one.tail,
                wrong=tuple(other.tail for other in near[:WRONG_OPTIONS]),
                evidence=(one.line.span,),
                section=one.line.section,
                worth=_WORTH,
                concept=one.head,
                hardness=0.5,
            )


def _joined(line: Statement, matter: Matter) -> _Joined | None:
    parts = [part for part in _ARROW.split(line.text) if part]
    if len(parts) < 2:
        return None
    head, tail = " → ".join(parts[:-1]), parts[-1]
    stems, tail_stems = (frozenset(matter.language.content_stems(text)) for text in (head, tail))
    if len(head.split()) > _MAX_HEAD or not _MIN_WORDS <= len(tail.split()) <= _MAX_WORDS:
        return None
    if min(len(stems), len(tail_stems)) < _LEAST_STEMS or stems & tail_stems:
        return None
    return _Joined(line, head, tail, stems, tail_stems)


def _could_follow(other: _Joined, one: _Joined) -> bool:
    """Tell whether the end of another line is of like length and of other things, so that it is wrong here."""
    ratio = len(other.tail) / len(one.tail)
    return (
        1 / _LENGTHS <= ratio <= _LENGTHS
        and not other.stems & one.stems
        and not other.tail_stems & (one.stems | one.tail_stems)
    )
