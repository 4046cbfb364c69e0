"""Taking a turn: in one piece by the built-in tutor, or as events with a model that speaks."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import Any
from uuid import UUID

from sessions_app.models import LearningSession
from sessions_app.services import answering, asking
from sessions_app.services.dialogue.drafting import Draft, turn_answered, turn_drafted
from sessions_app.services.dialogue.keeping import BUILT_IN, Told, turn_finished, words_of
from sessions_app.services.engines import tutors_by_model
from sessions_app.services.tutoring import Moment, tutor_events
from tutor_project.common.api.sse import Event as SentEvent
from tutor_project.common.models import new_id
from tutor_project.common.threads import in_thread
from tutor_project.llm.errors import LLMError
from tutor_project.llm.standby import stood_in


def dialogue_interact(
    *, session: LearningSession, action: str, data: dict[str, Any], wanted: str | None = None
) -> dict[str, Any]:
    """Take one turn by the built-in tutor; returns the envelope of the API.

    ``wanted``: the language to speak, else that of the material. Raises NoMaterial, MaterialProcessing,
    InteractionIncomplete, OptionUnknown, DialogueMoved.
    """
    return turn_finished(turn_answered(turn_drafted(session, action, data, wanted)), BUILT_IN)


async def dialogue_turn(
    *,
    session: LearningSession,
    action: str,
    data: dict[str, Any],
    wanted: str | None = None,
    draft: Draft | None = None,
) -> AsyncGenerator[SentEvent, None]:
    """Yield a turn as events: what is being done, ``token``, ``citation``, and ``done`` with the envelope.

    A model speaks where it has something to say; where it fails the built-in tutor does, after a ``notice``. No thread
    waits. ``draft``: what ``turn_drafted`` made of the action, if that was done already.
    """
    if draft is None:
        draft = await in_thread(turn_drafted, session, action, data, wanted)
    moment = draft.moment() if await in_thread(tutors_by_model, session) else None
    message_id, told = new_id(), BUILT_IN
    if moment is not None:
        spoken = _spoken_by_model(moment, message_id)
        async with aclosing(spoken):
            async for step in spoken:
                if isinstance(step, Told):
                    told = step
                else:
                    yield step
    elif draft.asked is not None:
        written = asking.answer_steps(draft.asked)
        async with aclosing(written):
            async for found in written:
                if isinstance(found, asking.Found):
                    draft = draft.answered(found.answer.value)
                    told = Told(found.answer.model, found.answer.notice)
                else:
                    yield found
    if draft.asked is not None:
        draft = await in_thread(turn_answered, draft)
    shown = await in_thread(turn_finished, draft, told, message_id)
    if not told.text:
        for event in _tokens(shown["data"], message_id):
            yield event
    yield SentEvent("done", shown, f"{message_id}:{len(words_of(shown['data']))}")


async def _spoken_by_model(moment: Moment, message_id: UUID) -> AsyncGenerator[SentEvent | Told, None]:
    """Yield a model's turn as it comes and then what it said; the notice of the built-in tutor when it fails."""
    sent, citations = 0, []
    try:
        yield SentEvent("progress", {"stage": "retrieval"})
        found, steps = await in_thread(tutor_events, moment)
        yield SentEvent("progress", {"stage": "passages", "count": len(found.passages)})
        async with aclosing(steps):
            async for step in steps:
                if step.kind == "token":
                    sent += len(step.text)
                    yield SentEvent("token", {"text": step.text}, f"{message_id}:{sent}")
                elif step.kind == "citation":
                    citations.append(step.citation.as_dict())
                    yield SentEvent("citation", citations[-1], f"{message_id}:{sent}")
                elif step.kind == "done":
                    reply = step.reply
                    model = await in_thread(answering.answering_model)
                    yield Told(model, None, reply.text, tuple(citations), reply.analogies)
                else:
                    yield SentEvent("progress", {"stage": step.kind})
    except LLMError as failure:
        notice = stood_in("tutor", failure)
        yield SentEvent("notice", {"notice": notice, "void_characters": sent})
        yield Told(notice=notice)


def _tokens(data: dict[str, Any], message_id: UUID) -> Iterator[SentEvent]:
    """Yield the words and citations of a turn that was made in one piece."""
    sent = 0
    for word in re.findall(r"\S+\s*|^\s+", words_of(data)):
        sent += len(word)
        yield SentEvent("token", {"text": word}, f"{message_id}:{sent}")
    for citation in data.get("citations") or []:
        yield SentEvent("citation", citation, f"{message_id}:{sent}")
