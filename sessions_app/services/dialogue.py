"""The tutoring dialogue: one turn is one transaction on the session's state."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import transaction

from documents_app.services.analysis import (
    analysis_awaited,
    ensure_has_material,
    study_load,
)
from documents_app.services.studying import embed_documents
from sessions_app.domain.answers import Answer
from sessions_app.domain.asking import language_of_question
from sessions_app.domain.dialogue.learner import user_model
from sessions_app.domain.dialogue.machine import (
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
from sessions_app.domain.dialogue.machine import Phase as DialoguePhase
from sessions_app.domain.dialogue.saying import WANTS_HELP, Wish, reads_as_question, wish_in
from sessions_app.domain.dialogue.speech import Speech
from sessions_app.domain.grading.types import Grade as GivenGrade
from sessions_app.domain.lesson.codec import lesson_from_dict
from sessions_app.domain.lesson.types import Lesson as DomainLesson
from sessions_app.domain.questions.fitting import fitting_option
from sessions_app.domain.questions.openness import is_close_to_stem
from sessions_app.domain.questions.types import CandidateQuestion
from sessions_app.domain.summaries import SummaryJudgement
from sessions_app.engine.dialogue.content import (
    Content,
    Scene,
    answer_first,
    asks_for_key,
    envelope,
    open_in_quiz,
    render,
    whats_next,
)
from sessions_app.engine.dialogue.hints import ladder
from sessions_app.engine.summary_judge import judge_summary
from sessions_app.errors import OptionUnknown
from sessions_app.models import AnswerRecord, LearningSession, Lesson, Message, Question
from sessions_app.selectors.practice import open_questions
from sessions_app.services import answering, asking, engines
from sessions_app.services.answering import AskedQuestion
from sessions_app.services.bank import candidate_of
from sessions_app.services.learning_record import dialogue_answer_recorded
from sessions_app.services.sessions import message_append
from sessions_app.services.teaching import lesson_generate
from sessions_app.services.tools import tool_use
from sessions_app.services.tutoring import Moment, is_tutored, tutor_events, tutors_by_model
from sessions_app.services.writing import writing_awaited, writing_job
from tutor_project.common import events, runtime
from tutor_project.common.api.sse import Event as SentEvent
from tutor_project.common.errors import Conflict, InvalidInput
from tutor_project.common.models import new_id
from tutor_project.common.threads import in_thread
from tutor_project.language import Language, language
from tutor_project.llm.errors import LLMError
from tutor_project.llm.standby import stood_in

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


@dataclass(frozen=True)
class _Stage:
    """A session's dialogue before a turn: the lesson, the questions, where the learner stands, and the words they sent."""

    session: LearningSession
    lesson: DomainLesson
    questions: dict[tuple[int, int], tuple[str, CandidateQuestion]]
    held: dict[str, CandidateQuestion]
    """The questions that a quiz has open, by id."""
    spoken: Language
    content: Language

    @cached_property
    def script(self) -> Script:
        """The lesson as the state machine needs it; what a quiz has open is not asked."""
        withheld = frozenset(place for place, (pk, _) in self.questions.items() if pk in self.held)
        return Script(tuple(len(section.check_questions) for section in self.lesson.sections), withheld)

    @cached_property
    def state(self) -> DialogueState:
        """Where the dialogue is."""
        return fit(DialogueState.from_dict(self.session.dialogue), self.script)

    @cached_property
    def scene(self) -> Scene:
        """What the texts are made from."""
        place = (self.state.section, self.state.question)
        hints = runtime.get_int("HINT_LADDER")
        if place in self.questions:
            hints = min(hints, len(ladder(self.questions[place][1])))
        return Scene(self.lesson, self.questions, self.script, Rules(hints), Speech(self.spoken), self.content)

    @property
    def open_question(self) -> CandidateQuestion | None:
        """The check question that waits for an answer."""
        return self.scene.open_question(self.state)

    @property
    def held_question(self) -> CandidateQuestion | None:
        """The check question that waits for an answer and is open in a quiz as well."""
        place = (self.state.section, self.state.question)
        return self.open_question if place in self.script.withheld else None

    def grade(self, question: CandidateQuestion, option_id: str, text: str) -> GivenGrade:
        """Return what an answer is worth."""
        return engines.answer_grader(session_id=self.session.pk)(question, option_id=option_id, text=text)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a learner's action was taken for: an event, with the words, the option that they mean, or a wish."""

    kind: EventType
    text: str = ""
    option_id: str = ""
    wish: Wish | None = None
    unfit: bool = False
    """Words that are neither a question nor fit an option."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """What one action amounts to: the event, the learner's words, what they are about, and what was found for it."""

    event: Event
    said: str = ""
    about: str = ""
    reply: Answer | None = None
    judgement: SummaryJudgement | None = None
    record: AnswerRecord | None = None
    message: str = ""
    """The code of a message that is all the answer there is."""


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


@dataclass(frozen=True, slots=True)
class Draft:
    """A turn before it is kept. ``asked``: a question whose answer is still to be found; until then there is no content."""

    stage: _Stage
    turn: _Turn
    following: DialogueState
    effect: Effect
    content: Content | None
    asked: AskedQuestion | None = None

    def answered(self, reply: Answer) -> Draft:
        """Return the draft with the answer to its question."""
        turn = replace(self.turn, reply=reply)
        content = render(self.stage.scene, self.effect, self.following, said=turn.said, reply=reply)
        return replace(self, turn=turn, content=content, asked=None)

    def moment(self) -> Moment | None:
        """Return what a model is to speak to, None where the built-in words are all there is to say."""
        stage, question = self.stage, self.stage.open_question
        helping = self.effect.code == "answer_first" or (self.asked is not None and question is not None)
        wished = self.asked is not None and self.asked.wish is not None
        if not (helping or wished or (self.asked is None and is_tutored(self.effect.kind))):
            return None
        return Moment(
            session=stage.session,
            effect=self.effect.kind,
            said=self.turn.said,
            about=self.asked.context if self.asked else "",
            question=question,
            is_open=question is not None and self.following.phase is DialoguePhase.ASKING,
            content=stage.content,
            spoken=stage.spoken,
            built_in=self.content or ("message", {}),
            tries=stage.state.tries,
        )


def dialogue_interact(
    *, session: LearningSession, action: str, data: dict[str, Any], wanted: str | None = None
) -> dict[str, Any]:
    """Take one turn by the built-in tutor; returns the envelope of the API.

    ``wanted``: the language to speak, else that of the material. Raises NoMaterial, MaterialProcessing,
    InteractionIncomplete, OptionUnknown, DialogueMoved.
    """
    return _finished(_answered(turn_drafted(session, action, data, wanted)), _BUILT_IN)


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
    message_id, told = new_id(), _BUILT_IN
    if moment is not None:
        spoken = _spoken_by_model(moment, message_id)
        async with aclosing(spoken):
            async for step in spoken:
                if isinstance(step, _Told):
                    told = step
                else:
                    yield step
    elif draft.asked is not None:
        written = asking.answer_steps(draft.asked)
        async with aclosing(written):
            async for found in written:
                if isinstance(found, asking.Found):
                    draft = draft.answered(found.answer.value)
                    told = _Told(found.answer.model, found.answer.notice)
                else:
                    yield found
    if draft.asked is not None:
        draft = await in_thread(_answered, draft)
    shown = await in_thread(_finished, draft, told, message_id)
    if not told.text:
        for event in _tokens(shown["data"], message_id):
            yield event
    yield SentEvent("done", shown, f"{message_id}:{len(_told(shown['data']))}")


@dataclass(frozen=True, slots=True)
class _Told:
    """Who spoke: the ``model`` (None: the built-in tutor), the ``notice`` where it stood in, and a model's own words."""

    model: str | None = None
    notice: str | None = None
    text: str = ""
    citations: tuple[dict[str, Any], ...] = ()
    analogies: tuple[str, ...] = ()

    def over(self, content: Content) -> Content:
        """Return the content with these words in place of the built-in ones, and who wrote it."""
        kind, data = content
        data = data | {"engine": "model" if self.model else "builtin", "model": self.model, "notice": self.notice}
        if self.text:
            data |= {"message": self.text, "analogies": list(self.analogies)}
            data["citations"] = list(self.citations) or data.get("citations") or []
        return kind, data


_BUILT_IN = _Told()


async def _spoken_by_model(moment: Moment, message_id: UUID) -> AsyncGenerator[SentEvent | _Told, None]:
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
                    yield _Told(model, None, reply.text, tuple(citations), reply.analogies)
                else:
                    yield SentEvent("progress", {"stage": step.kind})
    except LLMError as failure:
        notice = stood_in("tutor", failure)
        yield SentEvent("notice", {"notice": notice, "void_characters": sent})
        yield _Told(notice=notice)


def _tokens(data: dict[str, Any], message_id: UUID) -> Iterator[SentEvent]:
    """Yield the words and citations of a turn that was made in one piece."""
    sent = 0
    for word in re.findall(r"\S+\s*|^\s+", _told(data)):
        sent += len(word)
        yield SentEvent("token", {"text": word}, f"{message_id}:{sent}")
    for citation in data.get("citations") or []:
        yield SentEvent("citation", citation, f"{message_id}:{sent}")


def turn_drafted(session: LearningSession, action: str, data: dict[str, Any], wanted: str | None) -> Draft:
    """Read an action and decide what comes of it; nothing is kept yet."""
    stage = _stage(session, data, wanted)
    held = stage.held_question
    if held is not None and action in (EventType.ANSWER, EventType.START, EventType.HINT):
        return _message(stage, _said(data), "open_in_quiz", open_in_quiz(stage.scene, held))
    reading = _read(stage, EventType(action), data)
    if reading.kind is EventType.QUESTION:
        asked = _in_a_quiz(stage, reading.text)
        if asked is not None:
            return _message(stage, reading.text, "open_in_quiz", open_in_quiz(stage.scene, asked))
        if stage.open_question is not None and asks_for_key(reading.text, stage.open_question):
            # What the open question asks is not answered for the learner; help comes rung by rung.
            return _message(stage, reading.text, "answer_first", answer_first(stage.scene, stage.open_question))
    turn, question = _turn(stage, reading, data)
    following, effect = _stepped(stage, turn, reading)
    if question is not None:
        return Draft(stage, turn, following, effect, None, question)
    content = render(stage.scene, effect, following, said=turn.said, judgement=turn.judgement)
    return Draft(stage, turn, following, effect, content)


def _message(stage: _Stage, said: str, code: str, content: Content) -> Draft:
    """Return a turn that leaves the dialogue where it is."""
    turn = _Turn(Event(EventType.QUESTION), said)
    return Draft(stage, turn, stage.state, Effect(EffectKind.MESSAGE, stage.state.section, code=code), content)


def _answered(draft: Draft) -> Draft:
    """Return a draft with its question answered by the built-in engine."""
    if draft.asked is None:
        return draft
    return draft.answered(answering.answer_builtin(draft.asked, answering.passages_for(draft.asked)))


def _finished(draft: Draft, told: _Told, message_id: UUID | None = None) -> dict[str, Any]:
    """Keep a turn and return the envelope of the API."""
    stage, state = draft.stage, draft.following
    if draft.content is None:
        raise ValueError("a question without its answer")
    content = told.over(draft.content)
    _keep(stage.session, state, draft.turn, draft.effect, content, message_id)
    learner = user_model(state, stage.script, [section.concepts for section in stage.lesson.sections])
    return envelope(content, learner, whats_next(stage.scene, state))


def _stepped(stage: _Stage, turn: _Turn, reading: _Reading) -> tuple[DialogueState, Effect]:
    if turn.message:
        return stage.state, Effect(EffectKind.MESSAGE, stage.state.section, code=turn.message)
    following, effect = step(stage.state, turn.event, stage.script, stage.scene.rules)
    return following, replace(effect, code="fits_no_option") if reading.unfit else effect


def _in_a_quiz(stage: _Stage, text: str) -> CandidateQuestion | None:
    return next((question for question in stage.held.values() if is_close_to_stem(text, question.stem)), None)


# What a turn begins with ---------------------------------------------------------------------------------


def _stage(session: LearningSession, data: dict[str, Any], wanted: str | None) -> _Stage:
    lesson = lesson_from_dict(_lesson(session, data).content)
    content = language_of_question(" ".join((lesson.title, *(section.text[:500] for section in lesson.sections[:8]))))
    wish = wish_in(_said(data), content)
    spoken = language(wanted) if wanted else wish.language if wish else content
    held = {str(row.pk): candidate_of(row) for row in open_questions(owner_id=session.owner_id)}
    return _Stage(session, lesson, _check_questions(lesson), held, spoken, content)


def _said(data: dict[str, Any]) -> str:
    return next((str(data[name]) for name in ("answer", "question", "text") if str(data.get(name) or "").strip()), "")


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


# What a learner's words are taken for --------------------------------------------------------------------


def _read(stage: _Stage, kind: EventType, data: dict[str, Any]) -> _Reading:
    """Read an action. Words that fit an option or the key answer; then wishes, then questions, then anything else.

    Raises InteractionIncomplete and OptionUnknown.
    """
    if kind is EventType.SUMMARY:
        return _Reading(kind, _text(data, kind, "summary", "text"))
    if kind is EventType.ANSWER and data.get("option_id"):
        return _by_option(stage, str(data["option_id"]), _said(data))
    if kind not in (EventType.ANSWER, EventType.QUESTION):
        return _Reading(kind)
    text = _text(data, kind, kind.value, "text")
    answered = _as_answer(stage, kind, text)
    if answered is not None:
        return answered
    said = wish_in(text, stage.content)
    if said is not None:
        return _by_wish(stage, said.wish, text)
    if kind is EventType.QUESTION or reads_as_question(text, stage.content):
        return _Reading(EventType.QUESTION, text)
    question = stage.open_question
    return _Reading(kind, text, unfit=question is not None and bool(question.options))


def _by_option(stage: _Stage, option_id: str, text: str) -> _Reading:
    question = stage.open_question
    option = question.option(option_id) if question is not None else None
    if question is not None and question.options and option is None:
        raise OptionUnknown(question="the open question", attr="data")
    return _Reading(EventType.ANSWER, option.text if option else text, option_id=option.id if option else "")


def _as_answer(stage: _Stage, kind: EventType, text: str) -> _Reading | None:
    """Read words as an answer to the open question if they fit an option, or the key; sent as a question only unmarked."""
    question = stage.open_question
    if question is None or (kind is EventType.QUESTION and text.rstrip().endswith("?")):
        return None
    if question.options:
        option = fitting_option(question, text, stage.content)
        return _Reading(EventType.ANSWER, option.text, option.id) if option is not None else None
    right = VERDICT_GRADES[AnswerRecord.Verdict(stage.grade(question, "", text).verdict)] is Grade.CORRECT
    return _Reading(EventType.ANSWER, text) if right else None


def _by_wish(stage: _Stage, wish: Wish, text: str) -> _Reading:
    if stage.open_question is not None and wish in WANTS_HELP:
        return _Reading(EventType.HINT, text)
    if wish is Wish.NEXT:
        return _Reading(EventType.NEXT, text)
    return _Reading(EventType.QUESTION, text, wish=wish)


def _text(data: dict[str, Any], kind: EventType, *names: str) -> str:
    for name in names:
        if str(data.get(name) or "").strip():
            return str(data[name])
    raise InteractionIncomplete(type=kind.value, field=names[0], attr="data")


# What is found for a turn --------------------------------------------------------------------------------

_MESSAGES = {Wish.GREETING: "greeting", Wish.THANKS: "thanks", Wish.WHATS_NEXT: "whats_next"}
_NEEDS_A_QUESTION = frozenset({Wish.HINT, Wish.UNKNOWN, Wish.TELL_ME})


def _turn(stage: _Stage, reading: _Reading, data: dict[str, Any]) -> tuple[_Turn, AskedQuestion | None]:
    """Return a turn, and the question in it that is to be answered."""
    event = Event(reading.kind, restart=bool(data.get("restart")))
    if reading.wish in _MESSAGES or reading.wish in _NEEDS_A_QUESTION:
        return _Turn(event, reading.text, message=_MESSAGES.get(reading.wish, "no_question_open")), None
    if reading.kind is EventType.ANSWER:
        return _answer_turn(stage, reading), None
    if reading.kind is EventType.QUESTION:
        asked = answering.asked_in_session(stage.session, reading.text, context=_talked_about(stage))
        return _Turn(event, reading.text, asked.about), asked
    if reading.kind is EventType.SUMMARY:
        return _Turn(event, reading.text, judgement=_judged(stage, reading.text)), None
    return _Turn(event, reading.text), None


def _answer_turn(stage: _Stage, reading: _Reading) -> _Turn:
    question = stage.open_question
    if question is None or reading.unfit:
        return _Turn(Event(EventType.ANSWER), reading.text)
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
        reason=given.reason[:300],
        hints_used=stage.state.hints,
    )
    event = Event(EventType.ANSWER, grade=VERDICT_GRADES[AnswerRecord.Verdict(given.verdict)])
    return _Turn(event, reading.text, record=record)


def _talked_about(stage: _Stage) -> str:
    """Return what is talked about: what the last question was about if that was the last turn, else the section.

    Before the lesson began it is what the last question was about.
    """
    state, sections = stage.state, stage.lesson.sections
    last = Message.objects.filter(session=stage.session, role=Message.Role.TUTOR).order_by("-turn_no").first()
    answered = last is not None and (last.interaction or {}).get("effect") == EffectKind.ANSWER_QUESTION
    if answered or state.phase is DialoguePhase.IDLE or state.section >= len(sections):
        return ""
    return " ".join((sections[state.section].title, *sections[state.section].concepts))


def _judged(stage: _Stage, text: str) -> SummaryJudgement | None:
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
        tool=lambda: judge_summary(text, section, analysis, study.material, embed_documents),
    )


@transaction.atomic
def _keep(
    session: LearningSession,
    state: DialogueState,
    turn: _Turn,
    effect: Effect,
    content: Content,
    message_id: UUID | None = None,
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
            interaction={"type": turn.event.type.value, "about": turn.about},
        )
    message_append(
        session_id=session.pk,
        role=Message.Role.TUTOR,
        content=_told(shown),
        interaction={"type": content_type, "effect": effect.kind.value, "section": effect.section},
        citations=shown.get("citations") or [],
        message_id=message_id,
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


def _told(shown: dict[str, Any]) -> str:
    """Return what a reply says, as the conversation keeps it."""
    said = str(shown.get("message") or shown.get("text") or shown.get("question") or "")
    return f"{said} {shown['hint']}" if shown.get("hint") else said


def _verdict(record: AnswerRecord | None) -> bool | None:
    """Whether an answer was right; None without an answer, or while nobody is sure."""
    if record is None or record.verdict == AnswerRecord.Verdict.NEEDS_REVIEW:
        return None
    return record.verdict == AnswerRecord.Verdict.CORRECT
