"""Answers to questions about material: which passages a search finds, and which engine writes from them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from documents_app.domain.material import Material
from documents_app.retrieval.passages import FoundPassages, find_passages
from documents_app.retrieval.scope import Scope
from documents_app.selectors.documents import documents_for_owner
from documents_app.services.analysis import missing_material
from sessions_app.domain.answers import Answer, checked_question
from sessions_app.domain.asking import language_of_question, leans_on
from sessions_app.domain.dialogue.saying import FOLLOW_UPS, Wish, ordinal_in, wish_in
from sessions_app.engine.answer import AnswerEvent, courtesy
from sessions_app.engine.answer import answer as builtin_answer
from sessions_app.engine.follow_ups import follow_up, nth_item
from sessions_app.models import Folder, LearningSession, Message
from sessions_app.selectors.sessions import folder_session_ids
from sessions_app.services.engines import caller_of, uses_model
from sessions_app.services.tools import tool_use
from tutor_project.language import Language
from tutor_project.llm.engines import gateway_for
from tutor_project.llm.types import Caller

SHOWN_PASSAGES = 3
MODEL_PASSAGES = 12
"""Passages a model is given, of at most 80 words each."""


HISTORY_TURNS, TURN_CHARACTERS = 6, 500
"""The turns a model is shown of a conversation, and the characters of each."""
ABOUT_CHARACTERS = 500
"""Characters kept of what a question is about, for the questions that lean on it."""


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question, the material it is asked of, whom it is asked for, and what was talked about before."""

    text: str
    scope: Scope
    asker: Any
    caller: Caller
    context: str = ""
    wish: Wish | None = None
    """What is wanted where the question names no subject: "more simply" or "an example" of ``context``, or a greeting."""

    @property
    def names_nothing(self) -> bool:
        """Whether there is nothing to look for in the material: a word of courtesy, or "an example" of nothing yet."""
        return self.wish is not None and (self.wish not in FOLLOW_UPS or not self.context)

    @property
    def about(self) -> str:
        """What the next question may lean on: the subject, which a mere wish does not change."""
        subject = self.context if self.wish else f"{self.context} {self.text}"
        return subject.strip()[-ABOUT_CHARACTERS:]


def asked_in_session(session: LearningSession, text: str, *, context: str = "") -> AskedQuestion:
    """Return a question about a session's material; a follow-up ("and the second one?") takes along what was talked about.

    ``context`` is what is talked about, such as the section of a lesson; without it, what the last question was about.
    Raises QuestionEmpty, QuestionTooLong.
    """
    question = checked_question(text)
    spoken = language_of_question(question)
    asked = AskedQuestion(question, Scope.of_session(session.owner_id, session.pk), session.owner, caller_of(session))
    said, place = wish_in(question), ordinal_in(question, spoken)
    if said is not None and said.wish not in FOLLOW_UPS:
        return replace(asked, wish=said.wish)
    wish = said.wish if said is not None else None
    if wish is None and place is None and not leans_on(question, spoken):
        return asked
    subject = context or _last_subject(session)
    item = _item_named(session, place, spoken) if place is not None else None
    if item is not None:
        return replace(asked, context=f"{item} {subject}".strip())
    return replace(asked, context=subject, wish=wish)


def _last_subject(session: LearningSession) -> str:
    """Return what the last question of a conversation was about."""
    asked = Message.objects.filter(session=session, role=Message.Role.LEARNER, interaction__about__gt="")
    last = asked.order_by("-turn_no").values_list("interaction__about", flat=True).first()
    return last or ""


def _item_named(session: LearningSession, place: int, spoken: Language) -> str | None:
    """Return the member of a list in the last answer that "the second one" means."""
    last = Message.objects.filter(session=session, role=Message.Role.TUTOR).order_by("-turn_no").first()
    return nth_item(place, [cited["text"] for cited in last.citations], spoken) if last is not None else None


def asked_in_folder(folder: Folder, text: str) -> AskedQuestion:
    """Return a question about the material of all sessions of a folder; raises QuestionEmpty, QuestionTooLong."""
    scope = Scope.of_sessions(folder.owner_id, folder_session_ids(folder=folder))
    caller = Caller(user_id=str(folder.owner_id), folder_id=str(folder.pk))
    question = checked_question(text)
    said = wish_in(question)
    return AskedQuestion(question, scope, folder.owner, caller, wish=said.wish if said is not None else None)


def passages_for(question: AskedQuestion) -> FoundPassages:
    """Return the passages that a search finds; raises NoMaterial or MaterialProcessing where nothing can be searched.

    For a question that names nothing there are none.
    """
    if question.names_nothing:
        return FoundPassages((), 0.0, None, 0)
    words = "" if question.wish else question.text
    found = find_passages(scope=question.scope, question=words, context=question.context, limit=MODEL_PASSAGES)
    if not found.searched:
        raise missing_material(scope=question.scope)
    return found


def answer_builtin(question: AskedQuestion, found: FoundPassages) -> Answer:
    """Answer by the built-in engine, whatever the asker's engine is."""
    if question.names_nothing:
        return courtesy(question.text)
    shown = replace(found, passages=found.passages[:SHOWN_PASSAGES])
    wish = question.wish
    return tool_use(
        user_id=question.scope.owner_id,
        session_id=question.caller.session_id,
        name="answer_from_material",
        tool=lambda: follow_up(wish, question.context, found) if wish else builtin_answer(question.text, shown),
    )


def answers_by_model(question: AskedQuestion) -> bool:
    """Tell whether a model answers a question: its asker is served by one, and it names something to look for."""
    return not question.names_nothing and uses_model("answer", question.asker)


def answering_model() -> str:
    """Return the name of the model that answers; raises ``LLMNotConfigured`` or ``LLMMisconfigured``."""
    return gateway_for("answer").model


def answer_events(question: AskedQuestion, found: FoundPassages) -> AsyncGenerator[AnswerEvent, None]:
    """Return a model's answer from passages as it comes; no thread waits for it."""
    from sessions_app.engine_model.answer import answer_astream

    gateway, material = gateway_for("answer"), _documents_of(question, found)
    return answer_astream(question.text, found, material, gateway, question.caller, conversation(question))


def conversation(question: AskedQuestion) -> str:
    """Return the last turns of the session a question is asked in, for a question that leans on them; else nothing."""
    if not question.context or question.caller.session_id is None:
        return ""
    return turns_told(UUID(question.caller.session_id), turns=HISTORY_TURNS, characters=TURN_CHARACTERS)


def turns_told(session_id: UUID, *, turns: int, characters: int, seal: Callable[[str], str] = str) -> str:
    """Return the last turns of a session as a model is told them, oldest first; ``seal`` takes out what it may not repeat."""
    last = Message.objects.filter(session_id=session_id).order_by("-turn_no")[:turns]
    return "\n".join(
        f"{'LEARNER' if turn.role == Message.Role.LEARNER else 'TUTOR'}: {seal(turn.content[:characters])}"
        for turn in reversed(last)
    )


def _documents_of(question: AskedQuestion, found: FoundPassages) -> Material:
    """Return the documents that passages stand in, and no others."""
    wanted = {UUID(passage.citation.document_id) for passage in found.passages}
    return documents_for_owner(owner_id=question.scope.owner_id, document_ids=wanted)
