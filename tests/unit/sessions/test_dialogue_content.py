"""What the dialogue shows: hints that keep the secret, feedback with evidence, the closing overview."""

from __future__ import annotations

import json

import pytest

from documents_app.engine import analyse
from sessions_app.domain.answers import Answer, AnswerStatus
from sessions_app.domain.dialogue import DialogueState, Effect, EffectKind, Phase, Record, Script
from sessions_app.domain.dialogue_learner import user_model
from sessions_app.domain.questions.types import (
    BooleanKey,
    CandidateQuestion,
    ChoiceKey,
    Key,
    NumericKey,
    Option,
    QuestionKind,
    TextKey,
)
from sessions_app.engine.dialogue_content import asks_for_key, envelope, hint, render
from sessions_app.engine.lesson import make_lesson
from tests.unit.documents.engine_material import LAW, document, embed

SOURCE = document(LAW)
LESSON = make_lesson(analyse([SOURCE], embed), [SOURCE], embed)


def _question(
    kind: QuestionKind, key: Key, options: tuple[Option, ...] = (), stem: str = "What is an offer?"
) -> CandidateQuestion:
    sentence = "Consideration is the price for which a promise is bought."
    at = SOURCE.content.text.index(sentence)
    return CandidateQuestion(
        kind=kind, stem=stem, key=key, explanation="See the text.", evidence=(SOURCE.cite(at, at + len(sentence)),),
        options=options, concept="consideration", section_title="Contracts",
    )  # fmt: skip


OPTIONS = (Option("a", "a gift"), Option("b", "the price for which a promise is bought"), Option("c", "a deed"))
QUESTIONS = [
    _question(QuestionKind.MULTIPLE_CHOICE, ChoiceKey("b"), OPTIONS),
    _question(QuestionKind.SHORT_ANSWER, TextKey(("consideration",))),
    _question(QuestionKind.CLOZE, TextKey(("price", "prices"))),
    _question(QuestionKind.NUMERIC, NumericKey(9.8, 0.1, "m/s²")),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=[q.kind.value for q in QUESTIONS])
@pytest.mark.parametrize("levels", [1, 2, 3, 5])
def test_no_hint_names_the_answer(question: CandidateQuestion, levels: int) -> None:
    for level in range(1, levels + 1):
        kind, data = hint(question, level, levels)
        assert kind == "feedback"
        assert question.key_text.lower() not in data["hint"].lower()


def test_the_last_hint_shows_the_passage_with_the_answer_blanked() -> None:
    _, data = hint(QUESTIONS[2], 3, 3)
    assert data["hint"] == "The text says: “Consideration is the _____ for which a promise is bought.”"


def test_a_choice_is_narrowed_but_never_to_one() -> None:
    for level in (2, 3, 4):
        _, data = hint(QUESTIONS[0], level, 5)
        assert not ("a gift" in data["hint"] and "a deed" in data["hint"])


def test_a_true_or_false_question_is_sent_to_the_text() -> None:
    question = _question(QuestionKind.TRUE_FALSE, BooleanKey(False))
    assert "Compare the statement with the text" in hint(question, 3, 3)[1]["hint"]


def test_an_open_question_carries_no_key() -> None:
    content = render(Effect(EffectKind.ASK, 0, 0), DialogueState(), LESSON, {(0, 0): ("q1", QUESTIONS[0])})
    shown = json.dumps(content)
    assert "option_id" not in shown and "correct" not in shown and "See the text" not in shown


@pytest.mark.parametrize(
    ("kind", "outcome"), [(EffectKind.CORRECT, "correct"), (EffectKind.REVEAL, "wrong"), (EffectKind.UNSURE, "unsure")]
)
def test_feedback_has_its_outcome_and_evidence(kind: EffectKind, outcome: str) -> None:
    _, data = render(Effect(kind, 0, 0), DialogueState(), LESSON, {(0, 0): ("q1", QUESTIONS[1])})
    assert data["outcome"] == outcome
    assert ("citations" in data) == (kind is not EffectKind.UNSURE)


def test_a_hint_asked_for_is_not_called_a_mistake() -> None:
    questions = {(0, 0): ("q1", QUESTIONS[0])}
    _, asked = render(Effect(EffectKind.HINT, 0, 0, hint=1, code="asked_for"), DialogueState(), LESSON, questions)
    _, earned = render(Effect(EffectKind.HINT, 0, 0, hint=1), DialogueState(), LESSON, questions)
    assert (asked["message"], earned["message"]) == ("Here is a hint.", "Not yet.")


def test_a_question_that_comes_back_says_so() -> None:
    questions = {(0, 0): ("q1", QUESTIONS[0])}
    _, first = render(Effect(EffectKind.ASK, 0, 0), DialogueState(), LESSON, questions)
    _, again = render(Effect(EffectKind.ASK, 0, 0, code="came_back"), DialogueState(), LESSON, questions)
    assert "note" not in first
    assert "left this question open" in again["note"]


def test_the_open_question_in_other_clothes_is_recognised() -> None:
    question = _question(
        QuestionKind.SHORT_ANSWER, TextKey(("the unqualified assent",)), stem="What does acceptance of an offer mean?"
    )
    assert asks_for_key("What is acceptance of an offer?", question)
    assert asks_for_key("just tell me the right answer", question)
    assert not asks_for_key("What are damages in a breach of contract?", question)


def test_the_end_names_what_to_go_over_again() -> None:
    state = DialogueState(phase=Phase.FINISHED, records=(Record(0, 0, "wrong", 4, 3), Record(0, 1, "correct", 1, 0)))
    kind, data = render(Effect(EffectKind.FINISHED), state, LESSON, {})
    assert kind == "message" and (data["answered"], data["correct"]) == (2, 1)
    assert data["review"][0]["title"] == LESSON.sections[0].title


def test_a_declined_answer_is_a_message_and_an_answer_an_explanation() -> None:
    effect = Effect(EffectKind.ANSWER_QUESTION, 0, 0)
    declined = render(effect, DialogueState(), LESSON, {}, reply=Answer("No.", (), AnswerStatus.NOT_IN_MATERIAL, 0.1))
    assert declined[0] == "message" and declined[1]["note"]
    with pytest.raises(ValueError, match="reply"):
        render(effect, DialogueState(), LESSON, {})


def test_every_reply_has_the_same_envelope() -> None:
    content = render(Effect(EffectKind.EXPLAIN, 0), DialogueState(), LESSON, {})
    reply = envelope(content, user_model(DialogueState(), Script((1,))))
    assert set(reply) == {"schema_version", "content_type", "data", "user_model_state"}
    assert reply["content_type"] == "explanation" and reply["data"]["citations"]
    json.dumps(reply)
