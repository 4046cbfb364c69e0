"""What a learner's action is taken for: an answer, a wish, a question, a summary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sessions_app.domain.dialogue.machine import (
    AnswerOutcome,
    EventType,
)
from sessions_app.domain.dialogue.saying import WANTS_HELP, Wish, reads_as_question, wish_in
from sessions_app.domain.questions.fitting import fitting_option
from sessions_app.errors import OptionUnknown
from sessions_app.models import AnswerRecord
from sessions_app.services.dialogue.stage import VERDICT_GRADES, Stage, said_in
from tutor_project.common.errors import InvalidInput


class InteractionIncomplete(InvalidInput):
    """400: the action lacks its text."""

    code = "interaction_incomplete"
    detail = "An action of type {type} needs data.{field}."


@dataclass(frozen=True, slots=True)
class ActionReading:
    """What a learner's action was taken for: an event, with the words, the option that they mean, or a wish."""

    kind: EventType
    text: str = ""
    option_id: str = ""
    wish: Wish | None = None
    unfit: bool = False
    """Words that are neither a question nor fit an option."""


def action_read(stage: Stage, kind: EventType, data: dict[str, Any]) -> ActionReading:
    """Read an action. Words that fit an option or the key answer; then wishes, then questions, then anything else.

    Raises InteractionIncomplete and OptionUnknown.
    """
    if kind is EventType.SUMMARY:
        return ActionReading(kind, _text(data, kind, "summary", "text"))
    if kind is EventType.ANSWER and data.get("option_id"):
        return _by_option(stage, str(data["option_id"]), said_in(data))
    if kind not in (EventType.ANSWER, EventType.QUESTION):
        return ActionReading(kind)
    text = _text(data, kind, kind.value, "text")
    answered = _as_answer(stage, kind, text)
    if answered is not None:
        return answered
    said = wish_in(text, stage.content)
    if said is not None:
        return _by_wish(stage, said.wish, text)
    if kind is EventType.QUESTION or reads_as_question(text, stage.content):
        return ActionReading(EventType.QUESTION, text)
    question = stage.open_question
    return ActionReading(kind, text, unfit=question is not None and bool(question.options))


def _by_option(stage: Stage, option_id: str, text: str) -> ActionReading:
    question = stage.open_question
    option = question.option(option_id) if question is not None else None
    if question is not None and question.options and option is None:
        raise OptionUnknown(question="the open question", attr="data")
    return ActionReading(EventType.ANSWER, option.text if option else text, option_id=option.id if option else "")


def _as_answer(stage: Stage, kind: EventType, text: str) -> ActionReading | None:
    """Read words as an answer to the open question if they fit an option, or the key; sent as a question only unmarked."""
    question = stage.open_question
    if question is None or (kind is EventType.QUESTION and text.rstrip().endswith("?")):
        return None
    if question.options:
        option = fitting_option(question, text, stage.content)
        return ActionReading(EventType.ANSWER, option.text, option.id) if option is not None else None
    right = VERDICT_GRADES[AnswerRecord.Verdict(stage.grade(question, "", text).verdict)] is AnswerOutcome.CORRECT
    return ActionReading(EventType.ANSWER, text) if right else None


def _by_wish(stage: Stage, wish: Wish, text: str) -> ActionReading:
    if stage.open_question is not None and wish in WANTS_HELP:
        return ActionReading(EventType.HINT, text)
    if wish is Wish.NEXT:
        return ActionReading(EventType.NEXT, text)
    return ActionReading(EventType.QUESTION, text, wish=wish)


def _text(data: dict[str, Any], kind: EventType, *names: str) -> str:
    for name in names:
        if str(data.get(name) or "").strip():
            return str(data[name])
    raise InteractionIncomplete(type=kind.value, field=names[0], attr="data")
