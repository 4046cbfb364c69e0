"""Questions of the learner (row B15): answered from the material with exact citations, kept as two messages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from documents_app.services.analysis import analysis_load, ensure_material
from sessions_app.domain.answers import Answer
from sessions_app.models import LearningSession, Message
from sessions_app.services import engines
from sessions_app.services.sessions import message_append
from tutor_project.common import events
from tutor_project.common.api.sse import Event


@dataclass(frozen=True, slots=True)
class Reply:
    """A stored answer."""

    message: Message
    answer: Answer

    def shown(self) -> dict[str, Any]:
        """Return the answer in the shape of the API."""
        body = self.answer.as_dict()
        return {
            "message_id": str(self.message.pk),
            "turn_no": self.message.turn_no,
            "answer": body.pop("text"),
            **body,
        }


def question_ask(*, session: LearningSession, question: str) -> Reply:
    """Answer a question and keep both turns.

    Raises NoMaterial, MaterialProcessing, QuestionEmpty, QuestionTooLong, LLMError; then nothing is kept.
    """
    material = ensure_material(session_id=session.pk)
    analysis = analysis_load(session_id=session.pk, material=material)
    answer = engines.answer_question(session, analysis, material, question)
    return Reply(_keep(session, question, answer), answer)


@transaction.atomic
def _keep(session: LearningSession, question: str, answer: Answer) -> Message:
    message_append(session_id=session.pk, role=Message.Role.LEARNER, content=question, interaction={"type": "ask"})
    events.record(
        "interaction",
        durable=True,
        interaction_type="ask",
        user_id=session.owner_id,
        session_id=session.pk,
        success=not answer.declined,
    )
    body = answer.as_dict()
    return message_append(
        session_id=session.pk,
        role=Message.Role.TUTOR,
        content=answer.text,
        interaction={
            "type": "answer",
            "declined": body["declined"],
            "confidence": body["confidence"],
            "related_sections": body["related_sections"],
        },
        citations=body["citations"],
    )


def reply_stored(*, session: LearningSession, message_id: UUID) -> dict[str, Any] | None:
    """Return a stored answer as it was shown, to resume its stream; None when it is not of this session."""
    message = Message.objects.filter(pk=message_id, session=session, role=Message.Role.TUTOR).first()
    if message is None:
        return None
    kept = dict(message.interaction or {})
    kept.pop("type", None)
    return {
        "message_id": str(message.pk),
        "turn_no": message.turn_no,
        "answer": message.content,
        "citations": message.citations,
        **kept,
    }


def reply_events(shown: dict[str, Any]) -> Iterator[Event]:
    """Yield the events of an answer; the id is ``<message>:<position>``, the same whenever it is streamed."""
    words = shown["answer"].split(" ")
    parts: list[tuple[str, Any]] = [
        ("token", {"text": word if index == len(words) - 1 else word + " "}) for index, word in enumerate(words)
    ]
    parts += [("citation", citation) for citation in shown["citations"]]
    parts.append(("done", shown))
    for position, (name, data) in enumerate(parts):
        yield Event(name, data, f"{shown['message_id']}:{position}")


async def reply_stream(shown: dict[str, Any], *, after: int = -1) -> AsyncIterator[Event]:
    """Stream an answer's events after position ``after``."""
    for position, event in enumerate(reply_events(shown)):
        if position > after:
            yield event
