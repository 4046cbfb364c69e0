"""Answers to questions about material: which passages a search finds, and which engine writes from them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from documents_app.domain.material import Material
from documents_app.retrieval.passages import FoundPassages, find_passages
from documents_app.retrieval.scope import Scope
from documents_app.selectors import documents_for_owner
from documents_app.services.analysis import missing_material
from sessions_app.domain.answers import Answer, checked_question
from sessions_app.domain.asking import language_of_question, leans_on
from sessions_app.engine.answer import AnswerEvent
from sessions_app.engine.answer import answer as builtin_answer
from sessions_app.models import Folder, LearningSession, Message
from sessions_app.selectors import folder_session_ids
from sessions_app.services.engines import caller_of, uses_model
from sessions_app.services.tools import tool_use
from tutor_project.llm.engines import gateway_for
from tutor_project.llm.gateway import Gateway
from tutor_project.llm.standby import Written, written
from tutor_project.llm.types import Caller

SHOWN_PASSAGES = 3
MODEL_PASSAGES = 12
"""Passages a model is given, of at most 80 words each."""


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question, the material it is asked of, whom it is asked for, and what was talked about before."""

    text: str
    scope: Scope
    asker: Any
    caller: Caller
    context: str = ""


def asked_in_session(session: LearningSession, text: str, *, context: str = "") -> AskedQuestion:
    """Return a question about a session's material; one that leans on the last question is asked with it.

    ``context`` is what is talked about otherwise, such as the section of a lesson. Raises QuestionEmpty, QuestionTooLong.
    """
    question = checked_question(text)
    leaning = leans_on(question, language_of_question(question))
    before = (context or _last_question(session)) if leaning else ""
    return AskedQuestion(
        question, Scope.of_session(session.owner_id, session.pk), session.owner, caller_of(session), before
    )


def asked_in_folder(folder: Folder, text: str) -> AskedQuestion:
    """Return a question about the material of all sessions of a folder; raises QuestionEmpty, QuestionTooLong."""
    scope = Scope.of_sessions(folder.owner_id, folder_session_ids(folder=folder))
    caller = Caller(user_id=str(folder.owner_id), folder_id=str(folder.pk))
    return AskedQuestion(checked_question(text), scope, folder.owner, caller)


def _last_question(session: LearningSession) -> str:
    asked = Message.objects.filter(session=session, role=Message.Role.LEARNER, interaction__type="ask")
    return asked.order_by("-turn_no").values_list("content", flat=True).first() or ""


def passages_for(question: AskedQuestion) -> FoundPassages:
    """Return the passages that a search finds; raises NoMaterial or MaterialProcessing where nothing can be searched."""
    found = find_passages(scope=question.scope, question=question.text, context=question.context, limit=MODEL_PASSAGES)
    if not found.searched:
        raise missing_material(scope=question.scope)
    return found


def answer_question(question: AskedQuestion) -> Written[Answer]:
    """Answer from the material with citations; the built-in engine stands in for a model that fails.

    Raises NoMaterial, MaterialProcessing, EmbeddingUnavailable.
    """
    found = passages_for(question)

    def by_model(gateway: Gateway) -> Answer:
        from sessions_app.engine_model.answer import answer as answer_by_model

        return answer_by_model(question.text, found, documents_of(question, found), gateway, question.caller)

    return written("answer", question.asker, by_model=by_model, builtin=lambda: answer_builtin(question, found))


def answer_builtin(question: AskedQuestion, found: FoundPassages) -> Answer:
    """Answer by the built-in engine, whatever the asker's engine is."""
    shown = replace(found, passages=found.passages[:SHOWN_PASSAGES])
    return tool_use(
        user_id=question.scope.owner_id,
        session_id=question.caller.session_id,
        name="answer_from_material",
        tool=lambda: builtin_answer(question.text, shown),
    )


def answers_by_model(question: AskedQuestion) -> bool:
    """Tell whether a model answers the questions of the asker."""
    return uses_model("answer", question.asker)


def answering_model() -> str:
    """Return the name of the model that answers; raises ``LLMNotConfigured`` or ``LLMMisconfigured``."""
    return gateway_for("answer").model


def answer_events(
    question: AskedQuestion, found: FoundPassages, material: Material
) -> AsyncGenerator[AnswerEvent, None]:
    """Return a model's answer as it comes; no thread waits for it. ``material`` is ``documents_of`` the passages."""
    from sessions_app.engine_model.answer import answer_astream

    return answer_astream(question.text, found, material, gateway_for("answer"), question.caller)


def documents_of(question: AskedQuestion, found: FoundPassages) -> Material:
    """Return the documents that passages stand in, and no others."""
    wanted = {UUID(passage.citation.document_id) for passage in found.passages}
    return documents_for_owner(owner_id=question.scope.owner_id, document_ids=wanted)
