"""Questions of the learner: answered from the material with exact citations, those in a session kept as two messages."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import transaction

from documents_app.retrieval.passages import FoundPassages
from sessions_app.domain.answers import Answer
from sessions_app.domain.questions.openness import is_close_to_stem
from sessions_app.engine.answer import AnswerEvent, told_where
from sessions_app.models import Folder, LearningSession, Message
from sessions_app.selectors.practice import open_questions
from sessions_app.services import answering
from sessions_app.services.answering import AskedQuestion
from sessions_app.services.sessions import message_append
from tutor_project.common import events
from tutor_project.common.api.sse import Event
from tutor_project.common.models import new_id
from tutor_project.common.threads import in_thread
from tutor_project.llm.connections import release_database_connections
from tutor_project.llm.errors import LLMError
from tutor_project.llm.standby import Written, stood_in


@dataclass(frozen=True, slots=True)
class Asking:
    """Where a question was asked: in a session, which keeps both turns, or of a folder, which keeps nothing."""

    question: AskedQuestion
    session: LearningSession | None

    @classmethod
    def in_session(cls, session: LearningSession, text: str, document_ids: Sequence[UUID] | None = None) -> Asking:
        """Begin a question in a session, of some of its documents or of all.

        Raises QuestionEmpty, QuestionTooLong, DocumentNotFound.
        """
        return cls(answering.asked_in_session(session, text), session).narrowed(document_ids)

    @classmethod
    def in_folder(cls, folder: Folder, text: str, document_ids: Sequence[UUID] | None = None) -> Asking:
        """Begin a question of a folder, of some documents in it or of all.

        Raises QuestionEmpty, QuestionTooLong, DocumentNotFound.
        """
        return cls(answering.asked_in_folder(folder, text), None).narrowed(document_ids)

    def narrowed(self, document_ids: Sequence[UUID] | None) -> Asking:
        """Return the question as asked of these documents only (None: of all); raises DocumentNotFound."""
        if document_ids is None:
            return self
        scope = self.question.scope.narrowed(document_ids)
        return replace(self, question=replace(self.question, scope=scope))

    def is_asked_in_a_quiz(self) -> bool:
        """Tell whether the question is close to one that a quiz of the asker has open."""
        held = open_questions(owner_id=self.question.scope.owner_id)
        return any(is_close_to_stem(self.question.text, row.stem) for row in held)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, with the message that keeps it if one does."""

    message: Message | None
    answer: Written[Answer]

    def shown(self) -> dict[str, Any]:
        """Return the answer in the shape of the API."""
        body = self.answer.value.as_dict()
        return {
            "message_id": str(self.message.pk) if self.message else None,
            "turn_no": self.message.turn_no if self.message else None,
            "answer": body.pop("text"),
            **body,
            **_origin(self.answer),
        }


def _origin(written: Written[Answer]) -> dict[str, Any]:
    return {"engine": "model" if written.model else "builtin", **written.origin}


def question_ask(asking: Asking) -> Reply:
    """Answer a question; in a session both turns are kept. Of what a quiz has open only the place is told, by no model.

    Raises NoMaterial, MaterialProcessing, EmbeddingUnavailable; then nothing is kept.
    """
    return _told_where(asking) if asking.is_asked_in_a_quiz() else _answered(asking)


def _answered(asking: Asking) -> Reply:
    return _kept(asking, answering.answer_question(asking.question))


def _told_where(asking: Asking) -> Reply:
    found = answering.passages_for(asking.question)
    return _kept(asking, Written(told_where(answering.answer_builtin(asking.question, found))))


def _kept(asking: Asking, written: Written[Answer], *, message_id: UUID | None = None) -> Reply:
    message = _keep(asking.session, asking.question, written, message_id) if asking.session else None
    return Reply(message, written)


@transaction.atomic
def _keep(
    session: LearningSession, question: AskedQuestion, written: Written[Answer], message_id: UUID | None
) -> Message:
    answer = written.value
    asked = {"type": "ask", "about": question.about}
    message_append(session_id=session.pk, role=Message.Role.LEARNER, content=question.text, interaction=asked)
    events.record(
        "interaction",
        durable=True,
        interaction_type="ask",
        user_id=session.owner_id,
        session_id=session.pk,
        success=not answer.declined,
    )
    kept = answer.as_dict()
    text, citations = kept.pop("text"), kept.pop("citations")
    passages = [{key: value for key, value in one.items() if key != "citation"} for one in kept.pop("passages")]
    return message_append(
        session_id=session.pk,
        role=Message.Role.TUTOR,
        content=text,
        interaction={"type": "answer", **kept, "passages": passages, **_origin(written)},
        citations=citations,
        message_id=message_id,
    )


_EARLIER: dict[str, Any] = {"engine": "builtin", "model": None, "notice": None, "language": None}
"""What is not known of answers that were kept before these fields were."""


def reply_stored(*, session: LearningSession, message_id: UUID) -> dict[str, Any] | None:
    """Return a stored answer as it was shown, to resume its stream; None when it is not of this session."""
    message = Message.objects.filter(pk=message_id, session=session, role=Message.Role.TUTOR).first()
    if message is None:
        return None
    kept = {**_EARLIER, **(message.interaction or {})}
    kept.pop("type", None)
    marks = kept.pop("passages", None) or [
        {"highlights": [[cited["char_start"], cited["char_end"]]], "block_kind": "paragraph"}
        for cited in message.citations
    ]
    passages = [{"citation": cited, **mark} for cited, mark in zip(message.citations, marks, strict=False)]
    status = "not_in_material" if kept.get("declined") else "answered"
    return {
        "message_id": str(message.pk),
        "turn_no": message.turn_no,
        "answer": message.content,
        "citations": message.citations,
        "status": status,
        "passages": passages,
        **kept,
    }


def question_stream(asking: Asking) -> AsyncGenerator[Event, None]:
    """Return the events of an answer; what can be refused is refused here, before the stream begins.

    Raises what question_ask raises. With the built-in engine the answer is kept first and then streamed; a model's
    answer is streamed as it comes and kept when it is whole, so a client that leaves changes nothing.
    """
    if asking.is_asked_in_a_quiz():
        return reply_stream(_told_where(asking).shown())
    if not answering.answers_by_model(asking.question):
        return reply_stream(_answered(asking).shown())
    found = answering.passages_for(asking.question)
    try:
        material = answering.documents_of(asking.question, found)
        steps = answering.answer_events(asking.question, found, material)
    except LLMError as failure:
        return _stand_in(asking, found, failure, new_id(), 0)
    return _live(asking, found, steps)


async def _live(
    asking: Asking, found: FoundPassages, steps: AsyncGenerator[AnswerEvent, None]
) -> AsyncGenerator[Event, None]:
    message_id, sent = new_id(), 0
    yield Event("progress", {"stage": "passages", "count": len(found.passages)})
    yield Event("progress", {"stage": "writing"})
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
                    written = Written(step.answer, answering.answering_model())
                    shown = await in_thread(_kept_shown, asking, written, message_id)
                    yield Event("done", shown, f"{message_id}:{sent}")
        return
    except LLMError as error:
        failure = error
    async for event in _stand_in(asking, found, failure, message_id, sent):
        yield event


async def _stand_in(
    asking: Asking, found: FoundPassages, failure: LLMError, message_id: UUID, sent: int
) -> AsyncGenerator[Event, None]:
    """Stream the built-in engine's answer where the model failed: first why, and how much of what was sent is void."""
    notice = stood_in("answer", failure)
    yield Event("notice", {"notice": notice, "void_characters": sent})
    answer = await in_thread(answering.answer_builtin, asking.question, found)
    shown = await in_thread(_kept_shown, asking, Written(answer, notice=notice), message_id)
    async for event in reply_stream(shown):
        yield event


def _kept_shown(asking: Asking, written: Written[Answer], message_id: UUID) -> dict[str, Any]:
    return _kept(asking, written, message_id=message_id).shown()


async def reply_stream(shown: dict[str, Any], *, after: int = 0) -> AsyncGenerator[Event, None]:
    """Stream an answer from character ``after`` on.

    An event's id is ``<message>:<characters sent>``, so a stream of a kept answer resumes at the exact place; citations
    are sent again.
    """
    text, name = shown["answer"], shown["message_id"]
    for word in re.finditer(r"\S+\s*|^\s+", text[after:]):
        yield Event("token", {"text": word.group()}, f"{name}:{after + word.end()}")
    for citation in shown["citations"]:
        yield Event("citation", citation, f"{name}:{len(text)}")
    yield Event("done", shown, f"{name}:{len(text)}")


async def answer_whole(steps: AsyncIterator[Event]) -> dict[str, Any]:
    """Return the answer that a stream of events ends with, for a caller who wants it in one piece."""
    shown: dict[str, Any] = {}
    async for event in steps:
        if event.event == "done":
            shown = event.data
    return shown


@dataclass(frozen=True, slots=True)
class Found:
    """The answer that ``answer_steps`` ends with, and who wrote it."""

    answer: Written[Answer]


async def answer_steps(asked: AskedQuestion) -> AsyncGenerator[Event | Found, None]:
    """Yield what is done to answer a question, and the answer, without keeping it; no thread waits for a model."""
    yield Event("progress", {"stage": "retrieval"})
    found, steps, failure = await in_thread(_begun, asked)
    yield Event("progress", {"stage": "passages", "count": len(found.passages)})
    if steps is not None:
        try:
            yield Event("progress", {"stage": "writing"})
            async with aclosing(steps):
                async for step in steps:
                    if step.answer is not None:
                        model = await sync_to_async(answering.answering_model)()
                        yield Found(Written(step.answer, model))
                        return
        except LLMError as error:
            failure = error
    notice = stood_in("answer", failure) if failure is not None else None
    if notice:
        yield Event("notice", {"notice": notice, "void_characters": 0})
    answer = await in_thread(answering.answer_builtin, asked, found)
    yield Found(Written(answer, notice=notice))


def _begun(
    asked: AskedQuestion,
) -> tuple[FoundPassages, AsyncGenerator[AnswerEvent, None] | None, LLMError | None]:
    """Return what an answer is made from, and the model's steps when one answers, or why it cannot."""
    found = answering.passages_for(asked)
    try:
        if not answering.answers_by_model(asked):
            return found, None, None
        return found, answering.answer_events(asked, found, answering.documents_of(asked, found)), None
    except LLMError as failure:
        return found, None, failure
