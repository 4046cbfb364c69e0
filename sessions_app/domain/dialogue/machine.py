"""The tutoring dialogue as a state machine: pure, serialisable, and never stuck.

A lesson has sections, a section has check questions. ``step`` takes a state and an event and returns the next state and
the effect to show; all content is made by the caller from the effect. Whether an answer is right is decided outside and
comes in with the event. Rules that hold in every state: some action makes progress, a clarifying question never counts as
an answer, hints come before the answer, and nothing but ``answer`` changes the record of answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

SCHEMA_VERSION = 1


class Phase(StrEnum):
    """Where the dialogue is."""

    IDLE = "idle"
    EXPLAINING = "explaining"
    ASKING = "asking"
    REVIEWED = "reviewed"
    FINISHED = "finished"


class EventType(StrEnum):
    """What a learner may do."""

    START = "start"
    NEXT = "next"
    PREVIOUS = "previous"
    ANSWER = "answer"
    SUMMARY = "summary"
    QUESTION = "question"
    HINT = "hint"


class AnswerOutcome(StrEnum):
    """The outside verdict on an answer; ``unsure`` goes to a person and does not hold the learner up.

    ``gave_up`` (asks for a hint, does not know) climbs the hints like a wrong answer but is no try.
    """

    CORRECT = "correct"
    WRONG = "wrong"
    UNSURE = "unsure"
    GAVE_UP = "gave_up"


class EffectKind(StrEnum):
    """What to show."""

    EXPLAIN = "explain"
    ASK = "ask"
    HINT = "hint"
    CORRECT = "correct"
    REVEAL = "reveal"
    UNSURE = "unsure"
    ANSWER_QUESTION = "answer_question"
    JUDGE_SUMMARY = "judge_summary"
    FINISHED = "finished"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Event:
    """An action; ``grade`` only with an answer that is one (see ``saying.reads_as_question``)."""

    type: EventType
    grade: AnswerOutcome | None = None
    restart: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """What to show: ``section`` and ``question`` are indexes, ``hint`` is 1-based, ``code`` names a message."""

    kind: EffectKind
    section: int = 0
    question: int | None = None
    hint: int = 0
    code: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """How many hints are given before the answer is shown: the setting, or as many as the open question has."""

    hints_before_answer: int = 4


@dataclass(frozen=True, slots=True)
class Record:
    """How one check question went; ``outcome``: correct, wrong, unsure, deferred (comes back at the end) or skipped."""

    section: int
    question: int
    outcome: str
    tries: int
    hints: int


@dataclass(frozen=True, slots=True)
class DialogueState:
    """The whole memory of a dialogue. ``question`` is the open or last check question of ``section``.

    ``returning``: all sections were gone through, and the questions left open on the way are asked once more.
    """

    phase: Phase = Phase.IDLE
    section: int = 0
    question: int = 0
    tries: int = 0
    hints: int = 0
    records: tuple[Record, ...] = ()
    summarised: tuple[int, ...] = ()
    asked: int = 0
    returning: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the state as JSON types."""
        return {
            "version": SCHEMA_VERSION,
            "phase": self.phase.value,
            "section": self.section,
            "question": self.question,
            "tries": self.tries,
            "hints": self.hints,
            "records": [[r.section, r.question, r.outcome, r.tries, r.hints] for r in self.records],
            "summarised": list(self.summarised),
            "asked": self.asked,
            "returning": self.returning,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any] | None) -> DialogueState:
        """Read a state; None, another version or damaged data give a new dialogue."""
        if not data or data.get("version") != SCHEMA_VERSION:
            return cls()
        try:
            return cls(
                phase=Phase(data["phase"]),
                section=int(data["section"]),
                question=int(data["question"]),
                tries=int(data["tries"]),
                hints=int(data["hints"]),
                records=tuple(Record(int(s), int(q), str(o), int(t), int(h)) for s, q, o, t, h in data["records"]),
                summarised=tuple(int(section) for section in data["summarised"]),
                asked=int(data["asked"]),
                returning=bool(data.get("returning", False)),
            )
        except (KeyError, TypeError, ValueError):
            return cls()


@dataclass(frozen=True, slots=True)
class Script:
    """The lesson as the dialogue needs it: for each section the number of its check questions.

    ``withheld``: the (section, question) that are not asked now, because a quiz asks them and is not handed in.
    """

    questions: tuple[int, ...]
    withheld: frozenset[tuple[int, int]] = frozenset()

    @property
    def sections(self) -> int:
        """Number of sections."""
        return len(self.questions)

    def question_from(self, section: int, question: int) -> int | None:
        """Return the first question of a section from ``question`` on that may be asked, or None."""
        places = range(question, self.questions[section])
        return next((place for place in places if (section, place) not in self.withheld), None)


Step = tuple[DialogueState, Effect]
_Handler = Callable[[DialogueState, Event, Script, Rules], Step]


def step(state: DialogueState, event: Event, script: Script, rules: Rules = Rules()) -> Step:
    """Return the next state and what to show. Total: every event is answered in every state.

    A state that does not fit ``script`` (the lesson was made anew) is first moved to the nearest place that does.
    """
    fitted = fit(state, script)
    return _TABLE[event.type](fitted, event, script, rules)


def fit(state: DialogueState, script: Script) -> DialogueState:
    """Return ``state`` moved inside ``script``; a question that is gone closes, a section that is gone ends the lesson."""
    if state.phase in {Phase.IDLE, Phase.FINISHED}:
        return state
    if script.sections == 0:
        return replace(state, phase=Phase.FINISHED, section=0, question=0, tries=0, hints=0)
    if not 0 <= state.section < script.sections:
        return replace(state, phase=Phase.EXPLAINING, section=script.sections - 1, question=0, tries=0, hints=0)
    if state.phase is not Phase.EXPLAINING and not 0 <= state.question < script.questions[state.section]:
        return replace(state, phase=Phase.EXPLAINING, question=0, tries=0, hints=0)
    return state


def available_actions(state: DialogueState, script: Script) -> tuple[EventType, ...]:
    """Return the actions that make sense now; the first one makes progress."""
    if state.phase is Phase.IDLE:
        return (EventType.START, EventType.QUESTION)
    if state.phase is Phase.FINISHED:
        ending = (EventType.START, EventType.QUESTION)
        return (*ending, EventType.PREVIOUS, EventType.SUMMARY) if script.sections else ending
    if state.phase is Phase.ASKING:
        answering = (EventType.ANSWER, EventType.HINT, EventType.NEXT)
        return (*answering, EventType.PREVIOUS, EventType.QUESTION, EventType.SUMMARY)
    return (EventType.NEXT, EventType.QUESTION, EventType.SUMMARY, EventType.PREVIOUS)


def _start(state: DialogueState, event: Event, script: Script, rules: Rules) -> Step:
    if state.phase is Phase.IDLE or event.restart or (state.phase is Phase.FINISHED and script.sections):
        if script.sections == 0:
            return replace(state, phase=Phase.FINISHED), Effect(EffectKind.MESSAGE, code="nothing_to_teach")
        return _explain(replace(state, returning=False), 0)
    if state.phase is Phase.FINISHED:
        return state, Effect(EffectKind.MESSAGE, code="nothing_to_teach")
    return _show_again(state)


def _show_again(state: DialogueState) -> Step:
    """Resume: show what the learner saw last."""
    if state.phase is Phase.ASKING:
        return state, Effect(EffectKind.ASK, state.section, state.question)
    return state, Effect(EffectKind.EXPLAIN, state.section)


def _explain(state: DialogueState, section: int) -> Step:
    moved = replace(state, phase=Phase.EXPLAINING, section=section, question=0, tries=0, hints=0)
    return moved, Effect(EffectKind.EXPLAIN, section)


def _ask(state: DialogueState, question: int) -> Step:
    moved = replace(state, phase=Phase.ASKING, question=question, tries=0, hints=0)
    return moved, Effect(EffectKind.ASK, state.section, question)


def _next(state: DialogueState, event: Event, script: Script, rules: Rules) -> Step:
    if state.phase is Phase.IDLE:
        return _start(state, event, script, rules)
    if state.phase is Phase.FINISHED:
        return state, Effect(EffectKind.FINISHED, state.section)
    if state.phase is Phase.ASKING:
        state = _recorded(state, "skipped" if state.returning else "deferred")
    if state.returning:
        return _next_left_open(state, script)
    wanted = 0 if state.phase is Phase.EXPLAINING else state.question + 1
    question = script.question_from(state.section, wanted)
    return _ask(state, question) if question is not None else _next_section(state, script)


def _next_section(state: DialogueState, script: Script) -> Step:
    if state.section + 1 < script.sections:
        return _explain(state, state.section + 1)
    return _next_left_open(state, script)


def _next_left_open(state: DialogueState, script: Script) -> Step:
    """Ask the first question that was passed over and not come back to yet; the end when there is none."""
    left = (
        (record.section, record.question)
        for record in state.records
        if record.outcome == "deferred"
        and record.section < script.sections
        and record.question < script.questions[record.section]
        and (record.section, record.question) not in script.withheld
    )
    place = min(left, default=None)
    if place is not None:
        back, effect = _ask(replace(state, section=place[0], returning=True), place[1])
        return back, replace(effect, code="came_back")
    done = replace(state, phase=Phase.FINISHED, tries=0, hints=0, returning=False)
    return done, Effect(EffectKind.FINISHED, state.section)


def _previous(state: DialogueState, event: Event, script: Script, rules: Rules) -> Step:
    if state.phase is Phase.IDLE or not script.sections:
        return state, Effect(EffectKind.MESSAGE, code="not_started")
    if state.phase is Phase.FINISHED:
        return _explain(state, script.sections - 1)
    if state.phase is not Phase.EXPLAINING:
        return _explain(state, state.section)
    if state.section == 0:
        return state, Effect(EffectKind.MESSAGE, code="at_the_beginning")
    return _explain(state, state.section - 1)


def _answer(state: DialogueState, event: Event, script: Script, rules: Rules) -> Step:
    if state.phase is not Phase.ASKING:
        return state, Effect(EffectKind.MESSAGE, state.section, code="no_question_open")
    if event.grade is None:
        return state, Effect(EffectKind.ASK, state.section, state.question)
    tried = replace(state, tries=state.tries + (event.grade is not AnswerOutcome.GAVE_UP))
    place = (state.section, state.question)
    if event.grade is AnswerOutcome.CORRECT:
        return _reviewed(tried, "correct"), Effect(EffectKind.CORRECT, *place)
    if event.grade is AnswerOutcome.UNSURE:
        return _reviewed(tried, "unsure"), Effect(EffectKind.UNSURE, *place)
    if tried.hints < rules.hints_before_answer:
        hinted = replace(tried, hints=tried.hints + 1)
        asked_for = "asked_for" if event.grade is AnswerOutcome.GAVE_UP else ""
        return hinted, Effect(EffectKind.HINT, *place, hint=hinted.hints, code=asked_for)
    return _reviewed(tried, "wrong"), Effect(EffectKind.REVEAL, *place)


def _hint(state: DialogueState, event: Event, script: Script, rules: Rules) -> Step:
    return _answer(state, replace(event, grade=AnswerOutcome.GAVE_UP), script, rules)


def _reviewed(state: DialogueState, outcome: str) -> DialogueState:
    return replace(_recorded(state, outcome), phase=Phase.REVIEWED)


def _recorded(state: DialogueState, outcome: str) -> DialogueState:
    """Keep the latest outcome of each question; passing over one does not overwrite an answer."""
    place = (state.section, state.question)
    known = [record for record in state.records if (record.section, record.question) == place]
    if known and (outcome == "deferred" or (outcome == "skipped" and known[0].outcome != "deferred")):
        return state
    others = tuple(record for record in state.records if (record.section, record.question) != place)
    return replace(state, records=(*others, Record(*place, outcome, state.tries, state.hints)))


def _summary(state: DialogueState, event: Event, script: Script, rules: Rules) -> Step:
    if state.phase is Phase.IDLE or not script.sections:
        return state, Effect(EffectKind.MESSAGE, code="not_started")
    section = min(state.section, script.sections - 1)
    kept = replace(state, summarised=tuple(sorted({*state.summarised, section})))
    return kept, Effect(EffectKind.JUDGE_SUMMARY, section)


def _question(state: DialogueState, event: Event, script: Script, rules: Rules) -> Step:
    section = min(state.section, max(0, script.sections - 1))
    open_question = state.question if state.phase is Phase.ASKING else None
    return replace(state, asked=state.asked + 1), Effect(EffectKind.ANSWER_QUESTION, section, open_question)


_TABLE: dict[EventType, _Handler] = {
    EventType.START: _start,
    EventType.NEXT: _next,
    EventType.PREVIOUS: _previous,
    EventType.ANSWER: _answer,
    EventType.SUMMARY: _summary,
    EventType.QUESTION: _question,
    EventType.HINT: _hint,
}
