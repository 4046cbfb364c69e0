"""Questions for the reason a statement gives."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from documents_app.domain.matter.defining import LONGEST
from documents_app.domain.matter.standing import addresses, leans
from documents_app.domain.matter.types import Matter, Statement
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.engine.questions.drafts import WRONG_OPTIONS, Draft, template
from tutor_project.language import Language

_WORTH = 0.75
_LENGTHS = 1.8
_LOOKED_AT = 30
"""How many reasons before and after one its wrong options are taken from."""
_MIN_EFFECT, _MIN_CAUSE, _MAX_CAUSE = 5, 4, 22


@dataclass(frozen=True, slots=True)
class _Reason:
    statement: Statement
    effect: str
    cause: str
    about: frozenset[str]
    """The stems of the effect."""


def drafts(matter: Matter) -> Iterator[Draft]:
    """Yield for each statement with a reason the question why; the wrong options are other reasons of the material."""
    found = [reason for statement in matter.askable if (reason := _reason(statement, matter.language)) is not None]
    for at, reason in enumerate(found):
        fitting = (other for other in _nearest(found, at) if _could_be(other, reason))
        near = list(islice(fitting, WRONG_OPTIONS))
        if len(near) < WRONG_OPTIONS:
            continue
        yield Draft(
            pattern="reason",
            kind=QuestionKind.MULTIPLE_CHOICE,
            stem=template(matter.language, "reason", effect=reason.effect),
            key=reason.cause,
            wrong=tuple(other.cause for other in near),
            evidence=reason.statement.evidence,
            section=reason.statement.section,
            worth=_WORTH,
            concept=reason.effect,
            hardness=0.6,
        )


def _reason(statement: Statement, tongue: Language) -> _Reason | None:
    causes = "|".join(map(re.escape, tongue.phrases("causes")))
    found = (
        re.match(rf"(?P<effect>.+?),? (?:{causes}) (?P<cause>.+)\.$", statement.text)
        if causes and len(statement.text) <= LONGEST
        else None
    )
    if found is None or ", " in found["cause"][-30:]:
        return None
    effect, cause = found["effect"], found["cause"]
    if len(effect.split()) < _MIN_EFFECT or not _MIN_CAUSE <= len(cause.split()) <= _MAX_CAUSE:
        return None
    first = cause.split()[0].lower()
    if first in tongue.phrase_set("pronouns") or leans(cause, tongue) or addresses(cause, tongue):
        return None
    return _Reason(statement, f"{effect}.", cause, frozenset(tongue.content_stems(effect)))


def _nearest(found: Sequence[_Reason], at: int) -> Iterator[_Reason]:
    """Yield the reasons around one, those of the nearest sections first; so many and no more, however many there are."""
    around = range(max(0, at - _LOOKED_AT), min(len(found), at + _LOOKED_AT + 1))
    home = found[at].statement.section
    for other in sorted(around, key=lambda other: abs(found[other].statement.section - home)):
        if other != at:
            yield found[other]


def _could_be(other: _Reason, reason: _Reason) -> bool:
    """Tell whether another reason is of like length and does not speak of the same things, which could make it right too."""
    ratio = len(other.cause) / len(reason.cause)
    return 1 / _LENGTHS <= ratio <= _LENGTHS and len(reason.about & other.about) <= len(reason.about) / 3
