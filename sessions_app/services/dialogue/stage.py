"""Where a session's dialogue stands before a turn: the lesson, its questions, the learner's place in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sessions_app.domain.asking import language_of_question
from sessions_app.domain.dialogue.machine import (
    AnswerOutcome,
    DialogueState,
    Rules,
    Script,
    fit,
)
from sessions_app.domain.dialogue.saying import wish_in
from sessions_app.domain.grading.types import Grade
from sessions_app.domain.lesson.codec import lesson_from_dict
from sessions_app.domain.lesson.types import LessonContent
from sessions_app.domain.questions.types import CandidateQuestion
from sessions_app.domain.speech import Speech
from sessions_app.engine.dialogue.content import (
    Scene,
)
from sessions_app.engine.dialogue.hints import ladder
from sessions_app.models import AnswerRecord, LearningSession, Question
from sessions_app.selectors.practice import open_questions
from sessions_app.services.bank import candidate_of
from sessions_app.services.grading import answer_grader
from sessions_app.services.teaching import lesson_open, lesson_origin
from tutor_project.common import runtime
from tutor_project.language import Language, language

VERDICT_GRADES = {
    AnswerRecord.Verdict.CORRECT: AnswerOutcome.CORRECT,
    AnswerRecord.Verdict.INCORRECT: AnswerOutcome.WRONG,
    AnswerRecord.Verdict.PARTIAL: AnswerOutcome.WRONG,
    AnswerRecord.Verdict.NEEDS_REVIEW: AnswerOutcome.UNSURE,
}


@dataclass(frozen=True)
class Stage:
    """A session's dialogue before a turn: the lesson, the questions, where the learner stands, and the words they sent."""

    session: LearningSession
    lesson: LessonContent
    questions: dict[tuple[int, int], tuple[str, CandidateQuestion]]
    held: dict[str, CandidateQuestion]
    """The questions that a quiz has open, by id."""
    spoken: Language
    content: Language
    origin: dict[str, Any]
    """``{model, notice}`` of the lesson."""

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

    def grade(self, question: CandidateQuestion, option_id: str, text: str) -> Grade:
        """Return what an answer is worth."""
        return answer_grader(session_id=self.session.pk)(question, option_id=option_id, text=text)


def stage_of(session: LearningSession, data: dict[str, Any], wanted: str | None) -> Stage:
    """Return where the dialogue stands before an action with ``data``; ``wanted`` is the language to speak.

    Raises NoMaterial and MaterialProcessing where the lesson is not there and cannot be made.
    """
    stored = lesson_open(session=session, topic=topic_in(data) or None).lesson
    lesson = lesson_from_dict(stored.content)
    content = language_of_question(" ".join((lesson.title, *(section.text[:500] for section in lesson.sections[:8]))))
    wish = wish_in(said_in(data), content)
    spoken = language(wanted) if wanted else wish.language if wish else content
    held = {str(row.pk): candidate_of(row) for row in open_questions(owner_id=session.owner_id)}
    return Stage(session, lesson, _check_questions(lesson), held, spoken, content, lesson_origin(stored))


def said_in(data: dict[str, Any]) -> str:
    """Return the words of an action, "" where it has none."""
    return next((str(data[name]) for name in ("answer", "question", "text") if str(data.get(name) or "").strip()), "")


def _check_questions(lesson: LessonContent) -> dict[tuple[int, int], tuple[str, CandidateQuestion]]:
    ids = {
        (section.index, position): shown["id"]
        for section in lesson.sections
        for position, shown in enumerate(section.check_questions)
    }
    rows = {str(row.pk): row for row in Question.objects.filter(pk__in=ids.values())}
    return {place: (pk, candidate_of(rows[pk])) for place, pk in ids.items() if pk in rows}


def topic_in(data: dict[str, Any]) -> str:
    """Return the topic that the first turn asks for, "" for all of the material."""
    return str(data.get("topic") or "")
