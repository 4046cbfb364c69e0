"""What a learner's action amounts to: an answer with its grade, a summary with its judgement, a question to be answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from documents_app.services.analysis import (
    study_load,
)
from documents_app.services.studying import embed_documents
from sessions_app.domain.answers import Answer
from sessions_app.domain.dialogue.machine import (
    EffectKind,
    Event,
    EventType,
    Phase,
)
from sessions_app.domain.dialogue.saying import Wish
from sessions_app.domain.summaries import SummaryJudgement
from sessions_app.engine.summary_judge import judge_summary
from sessions_app.models import AnswerRecord, Message
from sessions_app.services import answering
from sessions_app.services.answering import AskedQuestion
from sessions_app.services.dialogue.reading import ActionReading
from sessions_app.services.dialogue.stage import VERDICT_GRADES, Stage
from sessions_app.services.tools import tool_use


@dataclass(frozen=True, slots=True)
class Turn:
    """What one action amounts to: the event, the learner's words, what they are about, and what was found for it."""

    event: Event
    said: str = ""
    about: str = ""
    reply: Answer | None = None
    judgement: SummaryJudgement | None = None
    record: AnswerRecord | None = None
    message: str = ""
    """The code of a message that is all the answer there is."""


_MESSAGES = {
    Wish.GREETING: "greeting",
    Wish.THANKS: "thanks",
    Wish.FAREWELL: "farewell",
    Wish.WHATS_NEXT: "whats_next",
}
_NEEDS_A_QUESTION = frozenset({Wish.HINT, Wish.UNKNOWN, Wish.TELL_ME})


def turn_of(stage: Stage, reading: ActionReading, data: dict[str, Any]) -> tuple[Turn, AskedQuestion | None]:
    """Return the turn that an action as read amounts to, and the learner's question in it that is still to be answered."""
    event = Event(reading.kind, restart=bool(data.get("restart")))
    if reading.wish in _MESSAGES or reading.wish in _NEEDS_A_QUESTION:
        return Turn(event, reading.text, message=_MESSAGES.get(reading.wish, "no_question_open")), None
    if reading.kind is EventType.ANSWER:
        return _answer_turn(stage, reading), None
    if reading.kind is EventType.QUESTION:
        asked = answering.asked_in_session(stage.session, reading.text, context=_talked_about(stage))
        return Turn(event, reading.text, asked.about), asked
    if reading.kind is EventType.SUMMARY:
        return Turn(event, reading.text, judgement=_judged(stage, reading.text)), None
    return Turn(event, reading.text), None


def _answer_turn(stage: Stage, reading: ActionReading) -> Turn:
    question = stage.open_question
    if question is None or reading.unfit:
        return Turn(Event(EventType.ANSWER), reading.text)
    given = stage.grade(question, reading.option_id, "" if reading.option_id else reading.text)
    question_id, _ = stage.questions[stage.state.section, stage.state.question]
    record = AnswerRecord(
        question_id=UUID(question_id),
        owner_id=stage.session.owner_id,
        session=stage.session,
        source="dialogue",
        option_id=reading.option_id,
        text="" if reading.option_id else reading.text,
        verdict=given.verdict,
        credit=given.credit,
        reason=given.words,
        hints_used=stage.state.hints,
    )
    event = Event(EventType.ANSWER, grade=VERDICT_GRADES[AnswerRecord.Verdict(given.verdict)])
    return Turn(event, reading.text, record=record)


def _talked_about(stage: Stage) -> str:
    """Return what is talked about: what the last question was about if that was the last turn, else the section.

    Before the lesson began it is what the last question was about.
    """
    state, sections = stage.state, stage.lesson.sections
    last = Message.objects.filter(session=stage.session, role=Message.Role.TUTOR).order_by("-turn_no").first()
    answered = last is not None and (last.interaction or {}).get("effect") == EffectKind.ANSWER_QUESTION
    if answered or state.phase is Phase.IDLE or state.section >= len(sections):
        return ""
    return " ".join((sections[state.section].title, *sections[state.section].concepts))


def _judged(stage: Stage, text: str) -> SummaryJudgement | None:
    if not stage.lesson.sections:
        return None
    session = stage.session
    study = study_load(session_id=session.pk)
    analysis = study.analysis
    place = stage.lesson.sections[min(stage.state.section, len(stage.lesson.sections) - 1)].section_index
    section = analysis.sections[min(place, len(analysis.sections) - 1)]
    return tool_use(
        user_id=session.owner_id,
        session_id=session.pk,
        name="judge_summary",
        tool=lambda: judge_summary(text, section, analysis, study.material, embed_documents, spoken=stage.spoken),
    )
