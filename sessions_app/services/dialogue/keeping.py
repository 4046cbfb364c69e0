"""Keeping a turn: one transaction on the session's state, its messages and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from sessions_app.domain.answers import AnswerStatus
from sessions_app.domain.dialogue.learner import user_model
from sessions_app.domain.dialogue.machine import (
    DialogueState,
    Effect,
    EffectKind,
)
from sessions_app.engine.dialogue.content import (
    Content,
    envelope,
    whats_next,
)
from sessions_app.models import AnswerRecord, LearningSession, Message
from sessions_app.services.dialogue.drafting import TurnDraft
from sessions_app.services.dialogue.turn import Turn
from sessions_app.services.learning_record import dialogue_answer_recorded
from sessions_app.services.sessions import message_append
from tutor_project.common import events
from tutor_project.common.errors import Conflict


class DialogueMoved(Conflict):
    """409: another request has taken the next turn."""

    code = "dialogue_moved"
    detail = "The dialogue has moved on in another window. Load the session again and repeat your turn."


class TurnTaken(Conflict):
    """409: the turn whose stream was lost has been taken; taking it again would answer twice."""

    code = "turn_taken"
    detail = "This turn was taken, and its stream is over. Load the session: the reply is in the conversation."


def ensure_not_taken(*, session: LearningSession, event_id: str | None) -> None:
    """Raise TurnTaken where a stream of the dialogue that sent this event has ended with its turn kept."""
    name = (event_id or "").partition(":")[0]
    try:
        message_id = UUID(name)
    except ValueError:
        return
    if Message.objects.filter(pk=message_id, session=session).exists():
        raise TurnTaken


@dataclass(frozen=True, slots=True)
class Told:
    """Who spoke: the ``model`` (None: the built-in tutor), the ``notice`` where it stood in, and a model's own words."""

    model: str | None = None
    notice: str | None = None
    text: str = ""
    citations: tuple[dict[str, Any], ...] = ()
    analogies: tuple[str, ...] = ()

    def over(self, content: Content) -> Content:
        """Return the content with these words in place of the built-in ones, and who wrote it."""
        kind, data = content
        data = data | {"engine": "model" if self.model else "builtin", "model": self.model, "notice": self.notice}
        if self.text:
            data |= {"message": self.text, "analogies": list(self.analogies)}
            data["citations"] = list(self.citations) or data.get("citations") or []
            if "status" in data and (data["status"] != AnswerStatus.ANSWERED or data.get("note")):
                # Passages that answer nothing, or hide what is asked, would contradict what was just said.
                data |= {"text": self.text, "passages": [], "citations": list(self.citations)}
        return kind, data


BUILT_IN = Told()


def turn_finished(draft: TurnDraft, told: Told, message_id: UUID | None = None) -> dict[str, Any]:
    """Keep a turn and return the envelope of the API."""
    stage, state = draft.stage, draft.following
    if draft.content is None:
        raise ValueError("a question without its answer")
    if draft.effect.kind is EffectKind.EXPLAIN:
        told = Told(**stage.origin)  # a section of the lesson is said by who wrote it
    content = told.over(draft.content)
    _keep(stage.session, state, draft.turn, draft.effect, content, message_id)
    learner = user_model(state, stage.script, [section.concepts for section in stage.lesson.sections])
    return envelope(content, learner, whats_next(stage.scene, state))


@transaction.atomic
def _keep(
    session: LearningSession,
    state: DialogueState,
    turn: Turn,
    effect: Effect,
    content: Content,
    message_id: UUID | None = None,
) -> None:
    moved = LearningSession.objects.filter(pk=session.pk, version=session.version).update(
        dialogue=state.as_dict(), version=session.version + 1
    )
    if not moved:
        raise DialogueMoved
    content_type, shown = content
    if turn.said:
        message_append(
            session_id=session.pk,
            role=Message.Role.LEARNER,
            content=turn.said,
            interaction={"type": turn.event.type.value, "about": turn.about},
        )
    message_append(
        session_id=session.pk,
        role=Message.Role.TUTOR,
        content=words_of(shown),
        interaction={"type": content_type, "effect": effect.kind.value, "section": effect.section},
        citations=shown.get("citations") or [],
        message_id=message_id,
    )
    if turn.record is not None and effect.kind is not EffectKind.MESSAGE:
        turn.record.save(force_insert=True)
        dialogue_answer_recorded(record=turn.record)
    events.record(
        "interaction",
        durable=True,
        interaction_type=turn.event.type.value,
        user_id=session.owner_id,
        session_id=session.pk,
        correct=_verdict(turn.record),
    )


def words_of(shown: dict[str, Any]) -> str:
    """Return what a reply says, as the conversation keeps it."""
    said = str(shown.get("message") or shown.get("text") or shown.get("question") or "")
    return f"{said} {shown['hint']}" if shown.get("hint") else said


def _verdict(record: AnswerRecord | None) -> bool | None:
    """Whether an answer was right; None without an answer, or while nobody is sure."""
    if record is None or record.verdict == AnswerRecord.Verdict.NEEDS_REVIEW:
        return None
    return record.verdict == AnswerRecord.Verdict.CORRECT
