"""Questions of the learner: answered from the material with exact citations, those in a session kept as two messages."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import transaction

from documents_app.retrieval.passages import FoundPassages
from sessions_app.domain.answers import Answer
from sessions_app.domain.questions.openness import is_close_to_stem
from sessions_app.engine.answer import told_where
from sessions_app.models import Folder, LearningSession, Message
from sessions_app.selectors.practice import open_questions
from sessions_app.services import answering
from sessions_app.services.answering import AskedQuestion
from sessions_app.services.engines import unserved
from sessions_app.services.sending import Sending
from sessions_app.services.sessions import message_append
from tutor_project.common import events
from tutor_project.common.api.sse import StreamEvent
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


def question_answer(asking: Asking) -> dict[str, Any] | AsyncGenerator[StreamEvent, None]:
    """Answer a question: the answer as it is shown, or its events where a model writes it.

    In a session both turns are kept: at once, or when a model's answer is whole, so a client that leaves changes nothing.
    Of what a quiz has open only the place is told, by no model. Raises NoMaterial, MaterialProcessing,
    EmbeddingUnavailable; then nothing is kept.
    """
    question, in_a_quiz = asking.question, asking.is_asked_in_a_quiz()
    found = answering.passages_for(question)
    if not in_a_quiz and answering.answers_by_model(question):
        return _told_by_model(asking, found)
    answer = answering.answer_builtin(question, found)
    if in_a_quiz:
        return _kept_shown(asking, Written(told_where(answer)))
    notice = None if question.names_nothing else unserved("answer", question.asker)
    return _kept_shown(asking, Written(answer, notice=notice))


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


async def _told_by_model(asking: Asking, found: FoundPassages) -> AsyncGenerator[StreamEvent, None]:
    """Yield a model's answer as it comes, kept when it is whole; the built-in one after a notice where the model fails."""
    sending = Sending(new_id())
    steps = _written_by_model(asking.question, found, sending)
    async with aclosing(steps):  # a client that leaves closes the model's stream and its account now
        async for step in steps:
            if isinstance(step, StreamEvent):
                yield step
                continue
            shown = await in_thread(_kept_shown, asking, step, sending.message_id)
            if step.model is not None:
                yield sending.done(shown)
                return
            async for event in reply_stream(shown):
                yield event


async def answer_steps(asked: AskedQuestion) -> AsyncGenerator[StreamEvent | Written[Answer], None]:
    """Yield progress, then the whole answer to a question; no word of it is sent before, and nothing is kept."""
    yield StreamEvent("progress", {"stage": "retrieval"})
    found = await in_thread(answering.passages_for, asked)
    if not await in_thread(answering.answers_by_model, asked):
        yield _passages(found)
        yield Written(await in_thread(answering.answer_builtin, asked, found))
        return
    steps = _written_by_model(asked, found, None)
    async with aclosing(steps):
        async for step in steps:
            yield step


async def _written_by_model(
    asked: AskedQuestion, found: FoundPassages, sending: Sending | None
) -> AsyncGenerator[StreamEvent | Written[Answer], None]:
    """Yield what is done, a model's words and citations where they are for ``sending``, and the answer at the end.

    Where the model fails: why, how many of the characters sent are void, and the built-in engine's answer.
    """
    notice = None
    yield _passages(found)
    yield StreamEvent("progress", {"stage": "writing"})
    try:
        steps = await in_thread(answering.answer_events, asked, found)
        async with aclosing(steps):
            async for step in steps:
                if step.answer is not None:
                    await sync_to_async(release_database_connections)()  # one connection at a time: see the gateway
                    yield Written(step.answer, await in_thread(answering.answering_model))
                    return
                if sending is not None:
                    yield (
                        sending.token(step.text) if step.citation is None else sending.citation(step.citation.as_dict())
                    )
    except LLMError as failure:
        notice = stood_in("answer", failure)
        yield StreamEvent("notice", {"notice": notice, "void_characters": sending.sent if sending is not None else 0})
    yield Written(await in_thread(answering.answer_builtin, asked, found), notice=notice)


def _passages(found: FoundPassages) -> StreamEvent:
    return StreamEvent("progress", {"stage": "passages", "count": len(found.passages)})


def _kept_shown(asking: Asking, written: Written[Answer], message_id: UUID | None = None) -> dict[str, Any]:
    return _kept(asking, written, message_id=message_id).shown()


async def reply_stream(shown: dict[str, Any], *, after: int = 0) -> AsyncGenerator[StreamEvent, None]:
    """Stream an answer from character ``after`` on; citations are sent again. One that is kept nowhere has a name all the same."""
    sending = Sending(shown["message_id"] or new_id(), max(after, 0))
    for event in sending.words(shown["answer"]):
        yield event
    for citation in shown["citations"]:
        yield sending.citation(citation)
    yield sending.done(shown)
