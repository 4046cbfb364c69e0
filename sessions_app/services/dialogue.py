"""The tutoring dialogue: one turn is one transaction on the session's state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import connection, transaction

from documents_app.services.analysis import (
    analysis_awaited,
    embed_documents,
    ensure_has_material,
    study_load,
)
from sessions_app.domain.answers import Answer
from sessions_app.domain.dialogue import (
    DialogueState,
    Effect,
    EffectKind,
    Event,
    EventType,
    Grade,
    Rules,
    Script,
    fit,
    step,
)
from sessions_app.domain.dialogue import Phase as DialoguePhase
from sessions_app.domain.dialogue_learner import user_model
from sessions_app.domain.dialogue_texts import gives_up, reads_as_question
from sessions_app.domain.lesson import Lesson as DomainLesson
from sessions_app.domain.lesson_codec import lesson_from_dict
from sessions_app.domain.questions.openness import is_close_to_stem
from sessions_app.domain.questions.types import CandidateQuestion
from sessions_app.domain.summaries import SummaryJudgement
from sessions_app.engine.dialogue_content import asks_for_key, envelope, open_in_quiz, render
from sessions_app.engine.summary_judge import judge_summary
from sessions_app.models import AnswerRecord, LearningSession, Lesson, Message, Question
from sessions_app.selectors_practice import open_questions
from sessions_app.services import answering, asking, engines
from sessions_app.services.bank import candidate_of
from sessions_app.services.learning_record import dialogue_answer_recorded
from sessions_app.services.sessions import message_append
from sessions_app.services.teaching import lesson_generate
from sessions_app.services.tools import tool_use
from sessions_app.services.writing import writing_awaited, writing_job
from tutor_project.common import events, runtime
from tutor_project.common.errors import Conflict, InvalidInput

VERDICT_GRADES = {
    AnswerRecord.Verdict.CORRECT: Grade.CORRECT,
    AnswerRecord.Verdict.INCORRECT: Grade.WRONG,
    AnswerRecord.Verdict.PARTIAL: Grade.WRONG,
    AnswerRecord.Verdict.NEEDS_REVIEW: Grade.UNSURE,
}


class DialogueMoved(Conflict):
    """409: another request has taken the next turn."""

    code = "dialogue_moved"
    detail = "The dialogue has moved on in another window. Load the session again and repeat your turn."


class InteractionIncomplete(InvalidInput):
    """400: the action lacks its text."""

    code = "interaction_incomplete"
    detail = "An action of type {type} needs data.{field}."


@dataclass(frozen=True, slots=True)
class _Turn:
    """What one action amounts to: the event, the learner's words, and what was found for it."""

    event: Event
    said: str = ""
    reply: Answer | None = None
    judgement: SummaryJudgement | None = None
    record: AnswerRecord | None = None


def lesson_missing(session: LearningSession) -> bool:
    """Tell whether the first turn has to wait for a lesson to be made."""
    return not Lesson.objects.filter(session=session).exists()


def turn_awaited(*, session: LearningSession, action: str, data: dict[str, Any]) -> UUID | None:
    """Return the job that this turn has to wait for, None where it can be taken now.

    Without a lesson that is the job of the lesson or of its analysis; a summary is judged by the analysis. Raises what
    ``writing_awaited`` raises.
    """
    if lesson_missing(session):
        awaited = writing_awaited(session=session, job_type="lesson_generation", wanted={"topic": _topic(data)})
        return awaited if isinstance(awaited, UUID) else None
    if action == EventType.SUMMARY:
        return analysis_awaited(owner_id=session.owner_id, session_id=session.pk)
    return None


def lesson_job(session: LearningSession, data: dict[str, Any]) -> UUID:
    """Have a job write the lesson of the first turn; raises NoMaterial, MaterialProcessing."""
    ensure_has_material(session_id=session.pk)
    return writing_job(session=session, job_type="lesson_generation", wanted={"topic": _topic(data)}, shared=True)


def _topic(data: dict[str, Any]) -> str:
    return str(data.get("topic") or "")


async def dialogue_interact_waiting(*, session: LearningSession, action: str, data: dict[str, Any]) -> dict[str, Any]:
    """Do what ``dialogue_interact`` does; no thread waits while a model answers the learner's question."""
    question = _asked(EventType(action), data)
    reply = await asking.answer_written(session=session, question=question) if question else None
    take = sync_to_async(_interact_and_release, thread_sensitive=False)
    return await take(session, action, data, reply)


def _asked(kind: EventType, data: dict[str, Any]) -> str:
    """Return the question in an action, empty when it is something else."""
    names = {EventType.QUESTION: ("question", "text"), EventType.ANSWER: ("answer", "text")}.get(kind, ())
    text = next((str(data[name]) for name in names if str(data.get(name) or "").strip()), "")
    return text if kind is EventType.QUESTION or reads_as_question(text) else ""


def _interact_and_release(
    session: LearningSession, action: str, data: dict[str, Any], reply: Answer | None
) -> dict[str, Any]:
    try:
        return dialogue_interact(session=session, action=action, data=data, reply=reply)
    finally:
        if not connection.in_atomic_block:
            connection.close()


def dialogue_interact(
    *, session: LearningSession, action: str, data: dict[str, Any], reply: Answer | None = None
) -> dict[str, Any]:
    """Take one turn; returns the reply's envelope. ``reply`` answers the question in it, if that is known already.

    Raises NoMaterial, MaterialProcessing, InteractionIncomplete, OptionUnknown, DialogueMoved.
    """
    stored = _lesson(session, data)
    lesson = lesson_from_dict(stored.content)
    questions = _check_questions(lesson)
    held = {str(row.pk): candidate_of(row) for row in open_questions(owner_id=session.owner_id)}
    withheld = frozenset(place for place, (pk, _) in questions.items() if pk in held)
    script = Script(tuple(len(section.check_questions) for section in lesson.sections), withheld)
    state = fit(DialogueState.from_dict(session.dialogue), script)
    rules = Rules(hints_before_answer=runtime.get_int("HINT_LADDER"))
    place = (state.section, state.question)
    if state.phase is DialoguePhase.ASKING and place in withheld and action in (EventType.ANSWER, EventType.START):
        return _held_back(session, lesson, state, script, questions[place][1], _said(data))
    turn = _turn(session, lesson, questions, state, EventType(action), data, reply)
    asked = next((q for q in held.values() if turn.reply is not None and is_close_to_stem(turn.said, q.stem)), None)
    if asked is not None:
        return _held_back(session, lesson, state, script, asked, turn.said)
    following, effect = step(state, turn.event, script, rules)
    if turn.reply is not None and _wants_the_key(turn.said, state, questions):
        # What the open question asks is not answered for the learner; hints come by an answer of "hint".
        following, effect, turn = state, Effect(EffectKind.MESSAGE, code="answer_first"), replace(turn, reply=None)
    content = render(
        effect,
        following,
        lesson,
        questions,
        hints_before_answer=rules.hints_before_answer,
        reply=turn.reply,
        judgement=turn.judgement,
    )
    _keep(session, following, turn, effect, content)
    concepts = [section.concepts for section in lesson.sections]
    return envelope(content, user_model(following, script, concepts))


def _held_back(
    session: LearningSession,
    lesson: DomainLesson,
    state: DialogueState,
    script: Script,
    question: CandidateQuestion,
    said: str,
) -> dict[str, Any]:
    """Answer with the place to look, because a quiz asks this question and is not handed in; the dialogue stays where it is."""
    content = open_in_quiz(question)
    turn = _Turn(Event(EventType.QUESTION), said)
    _keep(session, state, turn, Effect(EffectKind.MESSAGE, code="open_in_quiz"), content)
    return envelope(content, user_model(state, script, [section.concepts for section in lesson.sections]))


def _said(data: dict[str, Any]) -> str:
    return str(data.get("answer") or data.get("text") or "")


def _wants_the_key(
    text: str, state: DialogueState, questions: dict[tuple[int, int], tuple[str, CandidateQuestion]]
) -> bool:
    place = (state.section, state.question)
    return state.phase is DialoguePhase.ASKING and place in questions and asks_for_key(text, questions[place][1])


def _lesson(session: LearningSession, data: dict[str, Any]) -> Lesson:
    stored = Lesson.objects.filter(session=session).first()
    return stored or lesson_generate(session=session, topic=_topic(data) or None)


def _check_questions(lesson: DomainLesson) -> dict[tuple[int, int], tuple[str, CandidateQuestion]]:
    ids = {
        (section.index, position): shown["id"]
        for section in lesson.sections
        for position, shown in enumerate(section.check_questions)
    }
    rows = {str(row.pk): row for row in Question.objects.filter(pk__in=ids.values())}
    return {place: (pk, candidate_of(rows[pk])) for place, pk in ids.items() if pk in rows}


def _turn(
    session: LearningSession,
    lesson: DomainLesson,
    questions: dict[tuple[int, int], tuple[str, CandidateQuestion]],
    state: DialogueState,
    kind: EventType,
    data: dict[str, Any],
    reply: Answer | None,
) -> _Turn:
    if kind is EventType.ANSWER:
        return _answer_turn(session, lesson, questions, state, data, reply)
    if kind is EventType.QUESTION:
        return _question_turn(session, lesson, state, _text(data, kind, "question", "text"), reply)
    if kind is EventType.SUMMARY:
        text = _text(data, kind, "summary", "text")
        return _Turn(Event(kind), text, judgement=_judged(session, lesson, state, text))
    return _Turn(Event(kind, restart=bool(data.get("restart"))))


def _answer_turn(
    session: LearningSession,
    lesson: DomainLesson,
    questions: dict[tuple[int, int], tuple[str, CandidateQuestion]],
    state: DialogueState,
    data: dict[str, Any],
    reply: Answer | None,
) -> _Turn:
    option_id, text = str(data.get("option_id") or ""), str(data.get("answer") or data.get("text") or "")
    if not option_id and not text.strip():
        raise InteractionIncomplete(type="answer", field="answer", attr="data")
    place = (state.section, state.question)
    if state.phase is not DialoguePhase.ASKING or place not in questions:
        return _Turn(Event(EventType.ANSWER), text)
    question_id, question = questions[place]
    option_id, said = _chosen(question, option_id, text)
    if not option_id and reads_as_question(text):
        # Words that ask are never taken for an answer: they are answered, and the question stays open.
        return _question_turn(session, lesson, state, text, reply)
    if not option_id and gives_up(text):
        return _Turn(Event(EventType.ANSWER, grade=Grade.GAVE_UP), text)
    grade = engines.answer_grader(session_id=session.pk)(question, option_id=option_id, text=text)
    record = AnswerRecord(
        question_id=UUID(question_id),
        owner_id=session.owner_id,
        session=session,
        source="dialogue",
        option_id=option_id,
        text=text,
        verdict=grade.verdict,
        credit=grade.credit,
        reason=grade.reason[:300],
        hints_used=state.hints,
    )
    return _Turn(
        Event(EventType.ANSWER, grade=VERDICT_GRADES[AnswerRecord.Verdict(grade.verdict)]), said, record=record
    )


def _chosen(question: CandidateQuestion, option_id: str, text: str) -> tuple[str, str]:
    """Return ``(option id, words)``: an option may be named by its id, its text or its letter."""
    from sessions_app.errors import OptionUnknown

    if not question.options:
        return "", text
    by_text = {option.text.strip().lower(): option.id for option in question.options}
    letters = {chr(ord("a") + index): option.id for index, option in enumerate(question.options)}
    wanted = text.strip().lower()
    chosen = option_id or by_text.get(wanted) or letters.get(wanted.rstrip(".)")) or ""
    option = question.option(chosen)
    if chosen and option is None:
        raise OptionUnknown(question="the open question", attr="data")
    return chosen, option.text if option is not None else text


def _question_turn(
    session: LearningSession, lesson: DomainLesson, state: DialogueState, text: str, known: Answer | None
) -> _Turn:
    if known is not None:
        return _Turn(Event(EventType.QUESTION), text, reply=known)
    asked = answering.asked_in_session(session, text, context=_talked_about(lesson, state))
    return _Turn(Event(EventType.QUESTION), text, reply=answering.answer_question(asked).value)


def _talked_about(lesson: DomainLesson, state: DialogueState) -> str:
    """Return the title and concepts of the section that the dialogue is at, empty before it began."""
    if state.phase is DialoguePhase.IDLE or state.section >= len(lesson.sections):
        return ""
    here = lesson.sections[state.section]
    return " ".join((here.title, *here.concepts))


def _judged(session: LearningSession, lesson: DomainLesson, state: DialogueState, text: str) -> SummaryJudgement | None:
    if not lesson.sections:
        return None
    study = study_load(session_id=session.pk)
    analysis = study.analysis
    place = lesson.sections[min(state.section, len(lesson.sections) - 1)].section_index
    section = analysis.sections[min(place, len(analysis.sections) - 1)]
    return tool_use(
        user_id=session.owner_id,
        session_id=session.pk,
        name="judge_summary",
        tool=lambda: judge_summary(text, section, analysis, study.material, embed_documents),
    )


def _text(data: dict[str, Any], kind: EventType, *names: str) -> str:
    for name in names:
        if str(data.get(name) or "").strip():
            return str(data[name])
    raise InteractionIncomplete(type=kind.value, field=names[0], attr="data")


@transaction.atomic
def _keep(
    session: LearningSession, state: DialogueState, turn: _Turn, effect: Effect, content: tuple[str, dict[str, Any]]
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
            interaction={"type": turn.event.type.value},
        )
    citations = list(turn.reply.as_dict()["citations"]) if turn.reply is not None else []
    message_append(
        session_id=session.pk,
        role=Message.Role.TUTOR,
        content=str(shown.get("message") or shown.get("text") or shown.get("question") or ""),
        interaction={"type": content_type, "effect": effect.kind.value, "section": effect.section},
        citations=citations or shown.get("citations") or [],
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


def _verdict(record: AnswerRecord | None) -> bool | None:
    """Whether an answer was right; None without an answer, or while nobody is sure."""
    if record is None or record.verdict == AnswerRecord.Verdict.NEEDS_REVIEW:
        return None
    return record.verdict == AnswerRecord.Verdict.CORRECT
