"""Taking a turn: in one piece by the built-in tutor, or as events with a model that speaks."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from sessions_app.models import LearningSession
from sessions_app.services import answering, asking
from sessions_app.services.dialogue.drafting import TurnDraft, turn_answered, turn_drafted
from sessions_app.services.dialogue.keeping import BUILT_IN, Told, turn_finished, words_of
from sessions_app.services.engines import tutors_by_model
from sessions_app.services.sending import Sending
from sessions_app.services.tutoring import Moment, tutor_events
from tutor_project.common.api.sse import StreamEvent
from tutor_project.common.models import new_id
from tutor_project.common.threads import in_thread
from tutor_project.llm.errors import LLMError
from tutor_project.llm.standby import Written, stood_in


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
    draft: TurnDraft | None = None,
) -> AsyncGenerator[StreamEvent, None]:
    """Yield a turn as events: what is being done, ``token``, ``citation``, and ``done`` with the envelope.

    A model speaks where it has something to say; where it fails the built-in tutor does, after a ``notice``. No thread
    waits. ``draft``: what ``turn_drafted`` made of the action, if that was done already.
    """
    if draft is None:
        draft = await in_thread(turn_drafted, session, action, data, wanted)
    moment = draft.moment() if await in_thread(tutors_by_model, session) else None
    sending, told = Sending(new_id()), BUILT_IN
    if moment is not None:
        spoken = _spoken_by_model(moment, sending)
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
                if isinstance(found, Written):
                    draft = draft.answered(found.value)
                    told = Told(found.model, found.notice)
                else:
                    yield found
    if draft.asked is not None:
        draft = await in_thread(turn_answered, draft)
    shown = await in_thread(turn_finished, draft, told, sending.message_id)
    if not told.text:
        sending.sent = 0  # what a model said before it failed is void
        for event in sending.words(words_of(shown["data"])):
            yield event
        for citation in shown["data"].get("citations") or []:
            yield sending.citation(citation)
    sending.sent = len(words_of(shown["data"]))
    yield sending.done(shown)


async def _spoken_by_model(moment: Moment, sending: Sending) -> AsyncGenerator[StreamEvent | Told, None]:
    """Yield a model's turn as it comes and then what it said; the notice of the built-in tutor when it fails."""
    citations = []
    try:
        yield StreamEvent("progress", {"stage": "retrieval"})
        found, steps = await in_thread(tutor_events, moment)
        yield StreamEvent("progress", {"stage": "passages", "count": len(found.passages)})
        async with aclosing(steps):
            async for step in steps:
                if step.kind == "token":
                    yield sending.token(step.text)
                elif step.kind == "citation":
                    citations.append(step.citation.as_dict())
                    yield sending.citation(citations[-1])
                elif step.kind == "done":
                    reply = step.reply
                    model = await in_thread(answering.answering_model)
                    yield Told(model, None, reply.text, tuple(citations), reply.analogies)
                else:
                    yield StreamEvent("progress", {"stage": step.kind})
    except LLMError as failure:
        notice = stood_in("tutor", failure)
        yield StreamEvent("notice", {"notice": notice, "void_characters": sending.sent})
        yield Told(notice=notice)
