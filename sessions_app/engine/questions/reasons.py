"""Questions for the reason a statement gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from documents_app.domain.matter.defining import LONGEST
from documents_app.domain.matter.standing import addresses, leans
from documents_app.domain.matter.types import Matter, Statement
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.engine.questions.drafts import WRONG_OPTIONS, Draft, template
from tutor_project.language import Language

_WORTH = 0.75
_LENGTHS = 1.8
_MIN_EFFECT, _MIN_CAUSE, _MAX_CAUSE = 5, 4, 22


@dataclass(frozen=True, slots=True)
class _Reason:
    statement: Statement
    effect: str
    cause: str


def drafts(matter: Matter) -> Iterator[Draft]:
    """Yield for each statement with a reason the question why; the wrong options are other reasons of the material."""
    found = [reason for statement in matter.statements if (reason := _reason(statement, matter.language)) is not None]
    for reason in found:
        if not reason.statement.stands_alone:
            continue
        about = set(matter.language.content_stems(reason.effect))
        near = sorted(
            (other for other in found if other is not reason and _could_be(other, reason, about, matter.language)),
            key=lambda other: abs(other.statement.section - reason.statement.section),
        )
        if len(near) < WRONG_OPTIONS:
            continue
        yield Draft(
            pattern="reason",
            kind=QuestionKind.MULTIPLE_CHOICE,
            stem=template(matter.language, "reason", effect=reason.effect),
            key=reason.cause,
            wrong=tuple(other.cause for other in near[:WRONG_OPTIONS]),
            evidence=(reason.statement.span,),
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
    return _Reason(statement, f"{effect}.", cause)


def _could_be(other: _Reason, reason: _Reason, about: set[str], tongue: Language) -> bool:
    """Tell whether another reason is of like length and does not speak of the same things, which could make it right too."""
    ratio = len(other.cause) / len(reason.cause)
    return 1 / _LENGTHS <= ratio <= _LENGTHS and len(about & set(tongue.content_stems(other.effect))) <= len(about) / 3
