"""What the tutoring dialogue shows for each effect of its state machine: texts, hints, feedback.

Hints never name the answer; the last one shows the passage with the answer blanked out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from documents_app.domain.keyphrases_words import content_stems, reading_form
from sessions_app.domain.answers import Answer
from sessions_app.domain.dialogue import SCHEMA_VERSION, DialogueState, Effect, EffectKind, Record
from sessions_app.domain.dialogue_learner import UserModel
from sessions_app.domain.lesson import Lesson, LessonSection
from sessions_app.domain.questions.openness import asks_outright, is_close_to_stem
from sessions_app.domain.questions.types import BooleanKey, CandidateQuestion, ChoiceKey, NumericKey, PartsKey, TextKey
from sessions_app.domain.summaries import SummaryJudgement

Content = tuple[str, dict[str, Any]]
"""``content_type`` (explanation, question, feedback, message, error) and ``data``."""

GAP = "_____"
_MESSAGES = {
    "nothing_to_teach": "There is nothing to go through yet. Add material with text, then begin again.",
    "not_started": "The lesson has not begun. Send “start”.",
    "at_the_beginning": "This is the first part. Send “next” to go on.",
    "no_question_open": "No question is open right now. Send “next” to go on, or ask a question of your own.",
    "open_in_quiz": "This is asked in a quiz that you have not handed in. Hand it in first; until then here is only where to look.",
    "answer_first": "That is what the open question asks. Try an answer first, or send “hint” as your answer for help.",
}
_PASSED_OVER = frozenset({"wrong", "deferred", "skipped", "unsure"})


def envelope(content: Content, learner: UserModel) -> dict[str, Any]:
    """Return the reply of the API around ``content``."""
    content_type, data = content
    return {
        "schema_version": SCHEMA_VERSION,
        "content_type": content_type,
        "data": data,
        "user_model_state": learner.as_dict(),
    }


def explanation(section: LessonSection, total: int) -> Content:
    """A section of the lesson as a learner sees it."""
    data = section.as_dict()
    data.pop("check_questions")
    data |= {"section_index": section.index, "total_segments": total, "questions": len(section.check_questions)}
    return "explanation", data


def open_question(
    question: CandidateQuestion, effect: Effect, *, question_id: str, hints_before_answer: int
) -> Content:
    """A check question without its key."""
    data: dict[str, Any] = {
        "question_id": question_id,
        "section_index": effect.section,
        "question_index": effect.question,
        "kind": question.kind.value,
        "question": question.stem,
        "options": [{"id": option.id, "text": option.text} for option in question.options],
        "difficulty": question.difficulty.value,
        "hints_available": hints_before_answer,
    }
    if effect.code == "came_back":
        data["note"] = "You left this question open before. Try it now, or send “next” to leave it."
    return "question", data


def hint(question: CandidateQuestion, level: int, levels: int, *, asked_for: bool = False) -> Content:
    """The ``level``-th hint (1-based) of ``levels``: where to look, then what it is not or how it begins, then the passage."""
    if level >= levels:
        text = _passage_hint(question)
    elif level == 1:
        text = _place_hint(question)
    else:
        text = _shape_hint(question, level)
    return "feedback", {
        "outcome": "hint",
        "message": "Here is a hint." if asked_for else "Not yet.",
        "hint": text,
        "hint_number": level,
        "hints_in_all": levels,
    }


def _place_hint(question: CandidateQuestion) -> str:
    if question.concept and not _tells(question, question.concept):
        return f"Think of what the section says about “{question.concept}”."
    if question.section_title and not _tells(question, question.section_title):
        return f"Look once more at the section “{reading_form(question.section_title)}”."
    return "Read the explanation of this section once more and look for the words of the question."


def _shape_hint(question: CandidateQuestion, level: int) -> str:
    key = question.key
    if isinstance(key, ChoiceKey):
        wrong = [option.text for option in question.options if option.id != key.option_id]
        ruled_out = wrong[: max(1, min(level - 1, len(wrong) - 1))]
        if len(wrong) > 1:
            return "It is not " + " or ".join(f"“{text}”" for text in ruled_out) + "."
        return "Compare both options word by word with the explanation."
    if isinstance(key, BooleanKey):
        return "Check each part of the statement: names, numbers, and words like “all”, “only” or “not”."
    if isinstance(key, NumericKey):
        return f"The answer is a number{f' in {key.unit}' if key.unit else ''}."
    if isinstance(key, PartsKey):
        return f"The answer has {len(key.parts)} parts."
    words = key.accepted[0].split() if key.accepted else []
    if not words:
        return "Read the passage of the section that names the words of the question."
    count = "one word" if len(words) == 1 else f"{len(words)} words"
    return f"The answer has {count} and begins with “{words[0][0]}”."


def _passage_hint(question: CandidateQuestion) -> str:
    if not question.evidence:
        return _shape_hint(question, 2)
    passage = reading_form(question.evidence[0].text)
    if isinstance(question.key, BooleanKey):
        return f"Compare the statement with the text: “{passage}”"
    blanked = passage
    for text in sorted(_key_texts(question), key=len, reverse=True):
        pattern = r"\s+".join(re.escape(part) for part in text.split())
        blanked = re.sub(rf"(?<!\w){pattern}(?:e?s)?(?!\w)", GAP, blanked, flags=re.IGNORECASE)
    if blanked == passage and _tells(question, passage):
        return _shape_hint(question, 2)
    return f"The text says: “{blanked}”"


def _key_texts(question: CandidateQuestion) -> list[str]:
    key = question.key
    if isinstance(key, TextKey):
        return [text for text in key.accepted if text.strip()]
    if isinstance(key, NumericKey):
        return [f"{key.value:g}", f"{key.value:,.12g}", question.key_text]
    if isinstance(key, PartsKey):
        return [text for part in key.parts if isinstance(part, TextKey) for text in part.accepted]
    return [question.key_text] if question.key_text else []


def _tells(question: CandidateQuestion, text: str) -> bool:
    """Tell whether ``text`` gives the answer away (or holds one of its words, for short answers)."""
    lowered, stems = reading_form(text).lower(), set(content_stems(text))
    return any(wanted.lower() in lowered or stems & set(content_stems(wanted)) for wanted in _key_texts(question))


def outcome(question: CandidateQuestion, effect: Effect) -> Content:
    """Feedback after the last try: right, shown, or put before a person."""
    right = question.key_text
    message = {
        EffectKind.CORRECT: "That is right.",
        EffectKind.REVEAL: f"The answer is “{right}”.",
        EffectKind.UNSURE: "Your answer could not be graded for certain, so it counts neither way for now. You can go on.",
    }[effect.kind]
    data: dict[str, Any] = {"outcome": {"correct": "correct", "reveal": "wrong", "unsure": "unsure"}[effect.kind.value]}
    data |= {"message": message, "section_index": effect.section, "question_index": effect.question}
    if effect.kind is not EffectKind.UNSURE:
        data |= {
            "correct_answer": right,
            "explanation": question.explanation,
            "citations": [citation.as_dict() for citation in question.evidence],
        }
    return "feedback", data


def learner_question(reply: Answer, *, still_open: bool) -> Content:
    """The answer to a learner's own question; an open check question stays open."""
    data = reply.as_dict() | {"outcome": "answer", "message": reply.text}
    if still_open:
        data["note"] = "The check question is still open."
    return "message" if reply.declined else "explanation", data


def asks_for_key(text: str, question: CandidateQuestion) -> bool:
    """Tell whether a learner's question is but the open check question again, or asks for its answer outright."""
    return asks_outright(text) or is_close_to_stem(text, question.stem)


def gives_away(reply: Answer, question: CandidateQuestion) -> bool:
    """Tell whether an answer quotes the very passage that holds the key of the open check question."""
    return any(
        mine.document_id == other.document_id and mine.char_start < other.char_end and other.char_start < mine.char_end
        for mine in reply.citations
        for other in question.evidence[:1]
    )


def summary_feedback(judgement: SummaryJudgement, section: LessonSection) -> Content:
    """Feedback on a summary of a section."""
    return "feedback", judgement.as_dict() | {
        "outcome": "summary",
        "message": judgement.feedback,
        "section_index": section.index,
    }


def open_in_quiz(question: CandidateQuestion) -> Content:
    """What the dialogue says about a question that is open in a quiz: where to look, and nothing of the answer."""
    return "message", {"code": "open_in_quiz", "message": _MESSAGES["open_in_quiz"], "hint": _place_hint(question)}


def message(code: str) -> Content:
    """A message of the dialogue by its code."""
    return "message", {"code": code, "message": _MESSAGES[code]}


def error(code: str, detail: str) -> Content:
    """A named error in the dialogue's own shape."""
    return "error", {"code": code, "message": detail}


def finished(state: DialogueState, lesson: Lesson) -> Content:
    """The end of the lesson: how it went, and which parts to go over again."""
    graded = [record for record in state.records if record.outcome in {"correct", "wrong", "unsure"}]
    right = sum(record.outcome == "correct" for record in graded)
    again = _to_review(state.records, lesson)
    text = "You have reached the end of the lesson."
    if graded:
        text += f" You answered {right} of {len(graded)} check questions right."
    if again:
        text += " Go over again: " + "; ".join(f"“{section.title}”" for section in again) + "."
    data = {
        "code": "finished",
        "message": text,
        "answered": len(graded),
        "correct": right,
        "review": [{"section_index": section.index, "title": section.title} for section in again],
    }
    return "message", data


def _to_review(records: Sequence[Record], lesson: Lesson) -> list[LessonSection]:
    weak = {record.section for record in records if record.outcome in _PASSED_OVER or record.hints >= 2}
    return [section for section in lesson.sections if section.index in weak]


def render(
    effect: Effect,
    state: DialogueState,
    lesson: Lesson,
    questions: Mapping[tuple[int, int], tuple[str, CandidateQuestion]],
    *,
    hints_before_answer: int = 3,
    reply: Answer | None = None,
    judgement: SummaryJudgement | None = None,
) -> Content:
    """Return what ``effect`` shows. ``questions`` maps (section, question) to the stored id and the question with its key;
    ``reply`` and ``judgement`` come from the caller for the effects that need them (ValueError without)."""
    kind = effect.kind
    if kind is EffectKind.EXPLAIN:
        return explanation(lesson.sections[effect.section], lesson.total_segments)
    if kind is EffectKind.FINISHED:
        return finished(state, lesson)
    if kind is EffectKind.MESSAGE:
        return message(effect.code)
    if kind is EffectKind.ANSWER_QUESTION:
        if reply is None:
            raise ValueError("answer_question needs a reply")
        open_item = None if effect.question is None else questions.get((effect.section, effect.question))
        if open_item is not None and gives_away(reply, open_item[1]):
            return message("answer_first")
        return learner_question(reply, still_open=effect.question is not None)
    if kind is EffectKind.JUDGE_SUMMARY:
        if judgement is None:
            raise ValueError("judge_summary needs a judgement")
        return summary_feedback(judgement, lesson.sections[effect.section])
    question_id, question = questions[effect.section, effect.question or 0]
    if kind is EffectKind.ASK:
        return open_question(question, effect, question_id=question_id, hints_before_answer=hints_before_answer)
    if kind is EffectKind.HINT:
        return hint(question, effect.hint, hints_before_answer, asked_for=effect.code == "asked_for")
    return outcome(question, effect)
