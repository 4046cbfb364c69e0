"""What the tutoring dialogue shows for each effect of its state machine: sections, questions, hints, feedback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from documents_app.domain.reading.form import reading_form
from sessions_app.domain.answers import Answer, AnswerPassage
from sessions_app.domain.dialogue.learner import UserModel
from sessions_app.domain.dialogue.machine import (
    SCHEMA_VERSION,
    DialogueState,
    Effect,
    EffectKind,
    Event,
    EventType,
    Phase,
    Record,
    Rules,
    Script,
    step,
)
from sessions_app.domain.lesson.types import LessonContent, LessonSection
from sessions_app.domain.questions.openness import asks_outright, is_close_to_stem
from sessions_app.domain.questions.types import BooleanKey, CandidateQuestion, ChoiceKey
from sessions_app.domain.speech import Speech
from sessions_app.domain.summaries import SummaryJudgement
from sessions_app.engine.dialogue.hints import Hint, hint, place_hint, sentences_of, tells
from sessions_app.engine.dialogue.mistakes import RightPlace, right_place
from tutor_project.language import Language

Content = tuple[str, dict[str, Any]]
"""``content_type`` (explanation, question, feedback, message, error) and ``data``."""
OpenQuestions = Mapping[tuple[int, int], tuple[str, CandidateQuestion]]
"""(section, question) → stored id and question."""

_PASSED_OVER = frozenset({"wrong", "deferred", "skipped", "unsure"})
_ANSWERED = frozenset({"correct", "wrong", "unsure"})


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a dialogue stands: the lesson, its questions, and the languages of the tutor and of the material."""

    lesson: LessonContent
    questions: OpenQuestions
    script: Script
    rules: Rules
    say: Speech
    content: Language

    def open_question(self, state: DialogueState) -> CandidateQuestion | None:
        """Return the question that is open in ``state``."""
        place = (state.section, state.question)
        return self.questions[place][1] if state.phase is Phase.ASKING and place in self.questions else None


def envelope(content: Content, learner: UserModel, next_step: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the reply of the API around ``content``; ``next_step`` is what ``whats_next`` returns."""
    content_type, data = content
    return {
        "schema_version": SCHEMA_VERSION,
        "content_type": content_type,
        "data": data,
        "user_model_state": {**learner.as_dict(), "next": dict(next_step or {})},
    }


def render(
    scene: Scene,
    effect: Effect,
    state: DialogueState,
    *,
    said: str = "",
    reply: Answer | None = None,
    judgement: SummaryJudgement | None = None,
) -> Content:
    """Return what ``effect`` shows. ``said``: the option or words that were just answered with.

    ``reply`` and ``judgement`` come from the caller for the effects that need them (ValueError without).
    """
    kind = effect.kind
    if kind is EffectKind.EXPLAIN:
        return explanation(scene.lesson.sections[effect.section], scene.lesson.total_segments)
    if kind is EffectKind.FINISHED:
        return finished(scene, state)
    if kind is EffectKind.MESSAGE:
        return message(scene, effect.code, state)
    if kind is EffectKind.ANSWER_QUESTION:
        if reply is None:
            raise ValueError("answer_question needs a reply")
        return learner_question(scene, reply, state)
    if kind is EffectKind.JUDGE_SUMMARY:
        if judgement is None:
            raise ValueError("judge_summary needs a judgement")
        return summary_feedback(judgement, scene.lesson.sections[effect.section])
    question_id, question = scene.questions[effect.section, effect.question or 0]
    if kind is EffectKind.ASK:
        return open_question(scene, question, effect, question_id=question_id)
    if kind is EffectKind.HINT:
        return hint_shown(scene, question, effect, said)
    return outcome(scene, question, effect, said)


# The lesson and its questions ----------------------------------------------------------------------------


def explanation(section: LessonSection, total: int) -> Content:
    """A section of the lesson as a learner sees it."""
    data = section.as_dict()
    data.pop("check_questions")
    data |= {"section_index": section.index, "total_segments": total, "questions": len(section.check_questions)}
    return "explanation", data


def open_question(scene: Scene, question: CandidateQuestion, effect: Effect, *, question_id: str) -> Content:
    """A check question without its key."""
    data: dict[str, Any] = {
        "question_id": question_id,
        "section_index": effect.section,
        "question_index": effect.question,
        "kind": question.kind.value,
        "question": question.stem,
        "options": [{"id": option.id, "text": option.text} for option in question.options],
        "difficulty": question.difficulty.value,
        "hints_available": scene.rules.hints_before_answer,
    }
    if effect.code == "came_back":
        data["note"] = scene.say("left_open_before")
    elif effect.code:
        data["note"] = scene.say(effect.code)
    return "question", data


def hint_shown(scene: Scene, question: CandidateQuestion, effect: Effect, said: str = "") -> Content:
    """A rung of the hint ladder; after a wrong answer also where the thing that was named belongs."""
    asked_for = effect.code == "asked_for"
    given = hint(question, effect.hint, scene.lesson, scene.say, scene.content)
    why = None if asked_for else right_place(question, said, scene.lesson, scene.say, scene.content)
    lead = scene.say("hint_asked") if asked_for else scene.say("hint_wrong")
    return "feedback", {
        "outcome": "hint",
        "message": scene.say.joined(lead, why.text if why else ""),
        "hint": given.text,
        "hint_kind": given.rung.value,
        "hint_number": effect.hint,
        "hints_in_all": scene.rules.hints_before_answer,
        "why_wrong": _why(why),
        **_leads(given, why),
    }


def _why(why: RightPlace | None) -> dict[str, Any] | None:
    return {"text": why.text, "citation": why.citation.as_dict()} if why else None


def _leads(given: Hint, why: RightPlace | None = None) -> dict[str, Any]:
    cited = [*given.citations, *([why.citation] if why else [])]
    return {"place": given.place, "citations": [citation.as_dict() for citation in cited]}


def outcome(scene: Scene, question: CandidateQuestion, effect: Effect, said: str = "") -> Content:
    """Feedback after the last try: right, shown, or put before a person."""
    say, right = scene.say, question.key_text
    data: dict[str, Any] = {"outcome": {"correct": "correct", "reveal": "wrong", "unsure": "unsure"}[effect.kind.value]}
    data |= {"section_index": effect.section, "question_index": effect.question}
    if effect.kind is EffectKind.UNSURE and not question.is_open:
        return "feedback", data | {"message": say("unsure")}
    data |= {
        "message": say("compare") if effect.kind is EffectKind.UNSURE else say("right"),
        "correct_answer": right,
        "explanation": question.explanation,
        "citations": [citation.as_dict() for citation in question.evidence],
    }
    if effect.kind is EffectKind.REVEAL:
        why = right_place(question, said, scene.lesson, say, scene.content)
        proof = reading_form(question.evidence[0].text) if question.evidence else ""
        data["message"] = say.joined(
            say("wrong_answer", key=right),
            say("wrong_text_says", passage=proof) if proof else "",
            why.text if why else "",
        )
        data["why_wrong"] = _why(why)
    return "feedback", data


# Questions of the learner --------------------------------------------------------------------------------


def learner_question(scene: Scene, reply: Answer, state: DialogueState) -> Content:
    """The answer to a learner's own question; a question that is open stays so, and nothing is shown that answers it."""
    question = scene.open_question(state)
    if question is not None:
        shown = without_key(reply, question, scene.content)
        if shown is None:
            return answer_first(scene, question)
        reply = shown
    data = reply.as_dict() | {"outcome": "answer", "message": reply.text}
    if question is not None:
        data["note"] = scene.say("still_open")
    return "message" if reply.declined else "explanation", data


def answer_first(scene: Scene, question: CandidateQuestion) -> Content:
    """What is said to a question that the open one asks: where to look, and nothing of the answer."""
    return "message", _with_place(scene, "answer_first", question)


def open_in_quiz(scene: Scene, question: CandidateQuestion) -> Content:
    """What is said about a question that is open in a quiz: where to look, and nothing of the answer."""
    return "message", _with_place(scene, "open_in_quiz", question)


def _with_place(scene: Scene, code: str, question: CandidateQuestion) -> dict[str, Any]:
    place = place_hint(question, scene.lesson, scene.say, scene.content)
    return {"code": code, "message": scene.say(code), "hint": place.text, **_leads(place)}


def asks_for_key(text: str, question: CandidateQuestion) -> bool:
    """Tell whether a learner's question is but the open check question again, or asks for its answer outright."""
    return asks_outright(text) or is_close_to_stem(text, question.stem)


def without_key(reply: Answer, question: CandidateQuestion, content: Language) -> Answer | None:
    """Return an answer without the passages that answer the open question, None when nothing else is left of it."""
    safe = tuple(passage for passage in reply.passages if not answers_question(passage, question, content))
    if len(safe) == len(reply.passages):
        return reply
    if not safe:
        return None
    return replace(reply, text="\n\n".join(reading_form(passage.citation.text) for passage in safe), passages=safe)


def answers_question(passage: AnswerPassage, question: CandidateQuestion, content: Language) -> bool:
    """Tell whether a passage holds the proof of a question, or a sentence that says its answer.

    The options of a choice are on view, so there a sentence has to be about the question as well.
    """
    if question.rests_on(passage.citation):
        return True
    if isinstance(question.key, BooleanKey):
        return False
    on_view = isinstance(question.key, ChoiceKey)
    return any(
        tells(question, sentence.text, content) and not (on_view and not is_close_to_stem(sentence.text, question.stem))
        for sentence in sentences_of(passage.citation, content)
    )


def summary_feedback(judgement: SummaryJudgement, section: LessonSection) -> Content:
    """Feedback on a summary of a section."""
    return "feedback", judgement.as_dict() | {
        "outcome": "summary",
        "message": judgement.feedback,
        "section_index": section.index,
    }


# Messages ------------------------------------------------------------------------------------------------

_WITH_NEXT = frozenset({"greeting", "thanks", "whats_next", "no_question_open"})
"""Messages after which the learner is told what comes next."""


def message(scene: Scene, code: str, state: DialogueState) -> Content:
    """A message of the dialogue by its code."""
    data: dict[str, Any] = {"code": code}
    following = whats_next(scene, state) if code in _WITH_NEXT else None
    own = scene.say(code) if code != "whats_next" else ""
    data["message"] = scene.say.joined(own, following["message"] if following else "")
    if following:
        data["next"] = following
    return "message", data


def error(code: str, detail: str) -> Content:
    """A named error in the dialogue's own shape."""
    return "error", {"code": code, "message": detail}


def whats_next(scene: Scene, state: DialogueState) -> dict[str, Any]:
    """Return what the learner's next step is: its ``kind``, the ``action`` to send, where it leads, and a sentence."""
    question = scene.open_question(state)
    if question is not None:
        data = {"kind": "open_question", "action": EventType.ANSWER.value, **_place(scene, state.section)}
        return data | {"message": scene.say("next_open_question", question=question.stem)}
    if state.phase in {Phase.IDLE, Phase.FINISHED}:
        code = "next_start" if state.phase is Phase.IDLE else "next_finished"
        return {"kind": code.removeprefix("next_"), "action": EventType.START.value, "message": scene.say(code)}
    following, effect = step(state, Event(EventType.NEXT), scene.script, scene.rules)
    if effect.kind is EffectKind.FINISHED:
        return {"kind": "end", "action": EventType.NEXT.value, "message": scene.say("next_end")}
    kind = "section" if effect.kind is EffectKind.EXPLAIN else "left_open" if following.returning else "question"
    place = _place(scene, effect.section)
    text = scene.say(f"next_{kind}", title=place["title"])
    return {"kind": kind, "action": EventType.NEXT.value, **place, "message": text}


def _place(scene: Scene, section: int) -> dict[str, Any]:
    return {"section_index": section, "title": reading_form(scene.lesson.sections[section].title)}


def finished(scene: Scene, state: DialogueState) -> Content:
    """The end of the lesson: how it went, and which parts to go over again."""
    graded = [record for record in state.records if record.outcome in _ANSWERED]
    right = sum(record.outcome == "correct" for record in graded)
    again = _to_review(state.records, scene.lesson)
    say = scene.say
    titles = "; ".join(f"“{section.title}”" for section in again)
    data = {
        "code": "finished",
        "message": say.joined(
            say("finished"),
            say("finished_score", right=right, answered=len(graded)) if graded else "",
            say("finished_again", titles=titles) if again else "",
        ),
        "answered": len(graded),
        "correct": right,
        "review": [{"section_index": section.index, "title": section.title} for section in again],
    }
    return "message", data


def _to_review(records: Sequence[Record], lesson: LessonContent) -> list[LessonSection]:
    weak = {record.section for record in records if record.outcome in _PASSED_OVER or record.hints >= 2}
    return [section for section in lesson.sections if section.index in weak]
