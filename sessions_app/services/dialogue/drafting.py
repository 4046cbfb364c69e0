"""A turn before it is kept: what the learner's action amounts to, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sessions_app.domain.answers import Answer
from sessions_app.domain.dialogue.machine import (
    DialogueState,
    Effect,
    EffectKind,
    Event,
    EventType,
    Phase,
    step,
)
from sessions_app.domain.questions.openness import is_close_to_stem
from sessions_app.domain.questions.types import CandidateQuestion
from sessions_app.engine.dialogue.content import (
    Content,
    answer_first,
    asks_for_key,
    open_in_quiz,
    render,
)
from sessions_app.models import LearningSession
from sessions_app.services import answering
from sessions_app.services.answering import AskedQuestion
from sessions_app.services.dialogue.reading import ActionReading, action_read
from sessions_app.services.dialogue.stage import Stage, said_in, stage_of
from sessions_app.services.dialogue.turn import Turn, turn_of
from sessions_app.services.tutoring import Moment, is_tutored


@dataclass(frozen=True, slots=True)
class TurnDraft:
    """A turn before it is kept. ``asked``: a question whose answer is still to be found; until then there is no content."""

    stage: Stage
    turn: Turn
    following: DialogueState
    effect: Effect
    content: Content | None
    asked: AskedQuestion | None = None

    def answered(self, reply: Answer) -> TurnDraft:
        """Return the draft with the answer to its question."""
        turn = replace(self.turn, reply=reply)
        content = render(self.stage.scene, self.effect, self.following, said=turn.said, reply=reply)
        return replace(self, turn=turn, content=content, asked=None)

    def moment(self) -> Moment | None:
        """Return what a model is asked to speak about; None where the built-in words are the whole reply."""
        stage, question = self.stage, self.stage.open_question
        helping = self.effect.code == "answer_first" or (self.asked is not None and question is not None)
        wished = self.asked is not None and self.asked.wish is not None
        if not (helping or wished or (self.asked is None and is_tutored(self.effect.kind))):
            return None
        return Moment(
            session=stage.session,
            effect=self.effect.kind,
            said=self.turn.said,
            about=self.asked.context if self.asked else "",
            question=question,
            is_open=question is not None and self.following.phase is Phase.ASKING,
            content=stage.content,
            spoken=stage.spoken,
            built_in=self.content or ("message", {}),
            tries=stage.state.tries,
        )


def turn_drafted(session: LearningSession, action: str, data: dict[str, Any], wanted: str | None) -> TurnDraft:
    """Read an action and decide what comes of it; nothing is kept yet."""
    stage = stage_of(session, data, wanted)
    held = stage.held_question
    if held is not None and action in (EventType.ANSWER, EventType.START, EventType.HINT):
        return _message(stage, said_in(data), "open_in_quiz", open_in_quiz(stage.scene, held))
    reading = action_read(stage, EventType(action), data)
    if reading.kind is EventType.QUESTION:
        asked = _in_a_quiz(stage, reading.text)
        if asked is not None:
            return _message(stage, reading.text, "open_in_quiz", open_in_quiz(stage.scene, asked))
        if stage.open_question is not None and asks_for_key(reading.text, stage.open_question):
            # What the open question asks is not answered for the learner; help comes rung by rung.
            return _message(stage, reading.text, "answer_first", answer_first(stage.scene, stage.open_question))
    turn, question = turn_of(stage, reading, data)
    following, effect = _stepped(stage, turn, reading)
    if question is not None:
        return TurnDraft(stage, turn, following, effect, None, question)
    content = render(stage.scene, effect, following, said=turn.said, judgement=turn.judgement)
    return TurnDraft(stage, turn, following, effect, content)


def _message(stage: Stage, said: str, code: str, content: Content) -> TurnDraft:
    """Return a turn that leaves the dialogue where it is."""
    turn = Turn(Event(EventType.QUESTION), said)
    return TurnDraft(stage, turn, stage.state, Effect(EffectKind.MESSAGE, stage.state.section, code=code), content)


def turn_answered(draft: TurnDraft) -> TurnDraft:
    """Return a draft with its question answered by the built-in engine."""
    if draft.asked is None:
        return draft
    return draft.answered(answering.answer_builtin(draft.asked, answering.passages_for(draft.asked)))


def _stepped(stage: Stage, turn: Turn, reading: ActionReading) -> tuple[DialogueState, Effect]:
    if turn.message:
        return stage.state, Effect(EffectKind.MESSAGE, stage.state.section, code=turn.message)
    following, effect = step(stage.state, turn.event, stage.script, stage.scene.rules)
    return following, replace(effect, code="fits_no_option") if reading.unfit else effect


def _in_a_quiz(stage: Stage, text: str) -> CandidateQuestion | None:
    return next((question for question in stage.held.values() if is_close_to_stem(text, question.stem)), None)
