"""Questions of the learner (row B15): answered from the material with exact citations, kept as two messages."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import connection, transaction

from documents_app.domain.analysis import Analysis
from documents_app.domain.material import Material
from documents_app.services.analysis import analysis_load, ensure_material
from sessions_app.domain.answers import Answer
from sessions_app.engine.answer import AnswerEvent
from sessions_app.models import LearningSession, Message
from sessions_app.services import engines
from sessions_app.services.sessions import message_append
from tutor_project.common import events
from tutor_project.common.api.sse import Event
from tutor_project.common.models import new_id
from tutor_project.llm.connections import release_database_connections
from tutor_project.llm.errors import LLMError
from tutor_project.llm.standby import Written, stood_in


@dataclass(frozen=True, slots=True)
class Reply:
    """A stored answer."""

    message: Message
    answer: Written[Answer]

    def shown(self) -> dict[str, Any]:
        """Return the answer in the shape of the API."""
        body = self.answer.value.as_dict()
        return {
            "message_id": str(self.message.pk),
            "turn_no": self.message.turn_no,
            "answer": body.pop("text"),
            **body,
            "engine": "model" if self.answer.model else "builtin",
            **self.answer.origin,
        }


def question_ask(*, session: LearningSession, question: str) -> Reply:
    """Answer a question and keep both turns.

    Raises NoMaterial, MaterialProcessing, QuestionEmpty, QuestionTooLong; then nothing is kept.
    """
    material = ensure_material(session_id=session.pk)
    analysis = analysis_load(session_id=session.pk, material=material)
    answer = engines.answer_question(session, analysis, material, question)
    return Reply(_keep(session, question, answer), answer)


@transaction.atomic
def _keep(
    session: LearningSession, question: str, written: Written[Answer], *, message_id: UUID | None = None
) -> Message:
    answer = written.value
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
            "engine": "model" if written.model else "builtin",
            **written.origin,
        },
        citations=body["citations"],
        message_id=message_id,
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
        "engine": "builtin",
        "model": None,
        "notice": None,
        "answer": message.content,
        "citations": message.citations,
        **kept,
    }


def question_stream(*, session: LearningSession, question: str) -> AsyncIterator[Event]:
    """Return the events of an answer; what can be refused is refused here, before the stream begins.

    Raises what question_ask raises. With the built-in engine the answer is kept first and then streamed; a model's
    answer is streamed as it comes and kept when it is whole, so a client that leaves changes nothing.
    """
    if not engines.answers_by_model(session):
        return reply_stream(question_ask(session=session, question=question).shown())
    material = ensure_material(session_id=session.pk)
    analysis = analysis_load(session_id=session.pk, material=material)
    try:
        steps = engines.answer_events(session, analysis, material, question)
    except LLMError as failure:
        return _stand_in(session, analysis, material, question, failure, new_id(), 0)
    return _live(session, analysis, material, question, steps)


async def _live(
    session: LearningSession,
    analysis: Analysis,
    material: Material,
    question: str,
    steps: AsyncGenerator[AnswerEvent, None],
) -> AsyncIterator[Event]:
    message_id, sent = new_id(), 0
    try:
        async with aclosing(steps):  # a client that leaves closes the model's stream and its account now
            async for step in steps:
                if step.kind == "token":
                    sent += len(step.text)
                    yield Event("token", {"text": step.text}, f"{message_id}:{sent}")
                elif step.kind == "citation" and step.citation is not None:
                    yield Event("citation", step.citation.as_dict(), f"{message_id}:{sent}")
                elif step.answer is not None:
                    await sync_to_async(release_database_connections)()  # one connection at a time: see the gateway
                    keep = sync_to_async(_keep_and_release, thread_sensitive=False)
                    answer = Written(step.answer, engines.answering_model())
                    shown = await keep(session, question, answer, message_id)
                    yield Event("done", shown, f"{message_id}:{sent}")
        return
    except LLMError as error:
        failure = error
    async for event in _stand_in(session, analysis, material, question, failure, message_id, sent):
        yield event


async def _stand_in(
    session: LearningSession,
    analysis: Analysis,
    material: Material,
    question: str,
    failure: LLMError,
    message_id: UUID,
    sent: int,
) -> AsyncIterator[Event]:
    """Stream the built-in engine's answer where the model failed: first why, and how much of what was sent is void."""
    notice = stood_in("answer", failure)
    yield Event("notice", {"notice": notice, "void_characters": sent})
    answer = sync_to_async(engines.answer_builtin, thread_sensitive=False)
    written = Written(await answer(session, analysis, material, question), notice=notice)
    keep = sync_to_async(_keep_and_release, thread_sensitive=False)
    async for event in reply_stream(await keep(session, question, written, message_id)):
        yield event


def _keep_and_release(
    session: LearningSession, question: str, answer: Written[Answer], message_id: UUID
) -> dict[str, Any]:
    """Keep an answer from outside a request; the connection goes back to the pool at once."""
    try:
        return Reply(_keep(session, question, answer, message_id=message_id), answer).shown()
    finally:
        if not connection.in_atomic_block:
            connection.close()


async def reply_stream(shown: dict[str, Any], *, after: int = 0) -> AsyncIterator[Event]:
    """Stream a stored answer from character ``after`` on.

    An event's id is ``<message>:<characters sent>``, so a stream resumes at the exact place; citations are sent again.
    """
    text, name = shown["answer"], shown["message_id"]
    for word in re.finditer(r"\S+\s*|^\s+", text[after:]):
        yield Event("token", {"text": word.group()}, f"{name}:{after + word.end()}")
    for citation in shown["citations"]:
        yield Event("citation", citation, f"{name}:{len(text)}")
    yield Event("done", shown, f"{name}:{len(text)}")


async def answer_whole(events: AsyncIterator[Event]) -> dict[str, Any]:
    """Return the answer that a stream of events ends with, for a caller who wants it in one piece."""
    shown: dict[str, Any] = {}
    async for event in events:
        if event.event == "done":
            shown = event.data
    return shown


async def answer_written(*, session: LearningSession, question: str) -> Answer:
    """Return the answer to a question without keeping it; no thread waits for a model. Raises QuestionEmpty, QuestionTooLong."""
    material, analysis, steps = await sync_to_async(_begun, thread_sensitive=False)(session, question)
    if steps is not None:
        try:
            async with aclosing(steps):
                async for step in steps:
                    if step.answer is not None:
                        return step.answer
        except LLMError as failure:
            stood_in("answer", failure)
    return await sync_to_async(engines.answer_builtin, thread_sensitive=False)(session, analysis, material, question)


def _begun(
    session: LearningSession, question: str
) -> tuple[Material, Analysis, AsyncGenerator[AnswerEvent, None] | None]:
    """Return what an answer is made from, and the model's steps when one answers."""
    try:
        material = ensure_material(session_id=session.pk)
        analysis = analysis_load(session_id=session.pk, material=material)
        if not engines.answers_by_model(session):
            return material, analysis, None
        return material, analysis, engines.answer_events(session, analysis, material, question)
    except LLMError as failure:
        stood_in("answer", failure)
        return material, analysis, None
    finally:
        if not connection.in_atomic_block:
            connection.close()
