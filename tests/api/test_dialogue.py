"""The dialogue over HTTP: hints that keep the secret, words that count, learners who want the answer handed to them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sessions_app.engine.dialogue.hints import ladder, tells
from sessions_app.models import AnswerRecord, LearningSession, Question
from sessions_app.services.bank import candidate_of
from tutor_project.language import language

pytestmark = pytest.mark.django_db

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "photosynthesis.md"


class Learner:
    """One side of a dialogue."""

    def __init__(self, api: Any, session: LearningSession, spoken: str = "") -> None:
        self.url, self.api, self.session = f"/api/v1/sessions/{session.pk}/interact", api, session
        self.headers = {"Accept-Language": spoken} if spoken else {}

    def says(self, kind: str, **data: Any) -> Any:
        response = self.api.post(self.url, {"type": kind, "data": data}, headers=self.headers)
        assert response.status_code == 200, response.json()
        return response.json()

    def to_question(self, wanted: Any = lambda question: True) -> tuple[Question, Any]:
        """Go on to the next check question of a kind; returns it with the turn that asked it."""
        turn = self.says("start")
        for _ in range(60):
            if turn["content_type"] == "question":
                row = Question.objects.get(pk=turn["data"]["question_id"])
                if wanted(row):
                    return row, turn
            turn = self.says("next")
        pytest.fail("the lesson has no such question")


@pytest.fixture
def session(api: Any, learner: Any, run_jobs: Any) -> LearningSession:
    session = LearningSession.objects.create(owner=learner, title="Photosynthesis")
    file = SimpleUploadedFile("chapter.md", SAMPLE.read_bytes())
    api.post(f"/api/v1/sessions/{session.pk}/documents", {"files": [file]}, format="multipart")
    run_jobs()
    return session


def test_hints_climb_rung_by_rung_and_the_answer_comes_last(api: Any, session: LearningSession) -> None:
    me = Learner(api, session)
    row, turn = me.to_question()
    question = candidate_of(row)
    assert "hint" in turn["user_model_state"]["available_actions"]
    for level, rung in enumerate(ladder(question), 1):
        turn = me.says("hint")
        data = turn["data"]
        assert (turn["content_type"], data["outcome"], data["hint_number"]) == ("feedback", "hint", level)
        assert data["hint_kind"] == rung.value
    last = me.says("hint")["data"]
    assert (last["outcome"], last["correct_answer"]) == ("wrong", question.key_text)
    assert last["citations"] and last["explanation"]
    assert not AnswerRecord.objects.exists(), "asking for help is no answer"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("answer", ["just tell me", "Just tell me the answer!", "please tell me the answer"]),
        ("question", ["What is the answer?", "Which one is right?", "just tell me"]),
        ("answer", ["I don't know", "idk", "no idea"]),
        ("answer", ["Sag mir einfach die Lösung", "Sag es mir", "Keine Ahnung"]),
        ("question", ["simpler please", "I don't understand", "an example?"]),
    ],
)
def test_a_learner_who_wants_the_answer_gets_help_and_no_answer(
    api: Any, session: LearningSession, kind: str, words: list[str]
) -> None:
    me = Learner(api, session)
    row, _ = me.to_question(lambda question: question.kind != "true_false")
    question, shown = candidate_of(row), []
    for text in words:
        turn = me.says(kind, text=text)
        assert turn["data"]["outcome"] == "hint"
        shown.append(json.dumps(turn["data"], ensure_ascii=False))
    assert not any(tells(question, text, language("en")) for text in shown), shown
    turn = me.says("question", question=question.stem)
    assert turn["data"]["code"] == "answer_first" and not tells(question, json.dumps(turn["data"]), language("en"))


def test_a_wrong_choice_keeps_the_question_open_and_counts_as_a_try(api: Any, session: LearningSession) -> None:
    me = Learner(api, session)
    row, _ = me.to_question(lambda question: question.kind == "multiple_choice")
    question = candidate_of(row)
    wrong = next(option for option in question.options if option.text != question.key_text)
    turn = me.says("answer", answer=f"I think it is {wrong.text}")
    assert (turn["data"]["outcome"], AnswerRecord.objects.get().verdict) == ("hint", "incorrect")
    turn = me.says("answer", answer="a purple elephant")
    assert (turn["content_type"], AnswerRecord.objects.count()) == ("question", 1)
    assert "none of the options" in turn["data"]["note"]
    turn = me.says("question", text=question.key_text)
    assert turn["data"]["outcome"] == "correct", "the right words count, however they are sent"


@pytest.mark.parametrize(
    ("spoken", "text", "code", "part"),
    [
        ("", "Hello!", "greeting", "Hello!"), ("", "Danke!", "thanks", "Gern geschehen."), ("fr", "thanks", "thanks", "Je vous en prie."),
        ("es-MX,en;q=0.5", "What should I learn next?", "whats_next", "Siga"), ("sv", "hi", "greeting", "Hello!"),
    ],
)  # fmt: skip
def test_courtesy_is_answered_with_what_comes_next_in_the_learner_s_language(
    api: Any, session: LearningSession, spoken: str, text: str, code: str, part: str
) -> None:
    me = Learner(api, session, spoken)
    me.says("start")
    turn = me.says("question", text=text)
    assert (turn["content_type"], turn["data"]["code"]) == ("message", code)
    assert part in turn["data"]["message"]
    assert turn["data"]["next"] == turn["user_model_state"]["next"]
    assert turn["user_model_state"]["questions_asked"] == 0


def test_going_on_may_be_said_in_words(api: Any, session: LearningSession) -> None:
    me = Learner(api, session)
    first = me.says("start")["user_model_state"]["next"]
    turn = me.says("question", text="ok, let's go on")
    assert (first["action"], turn["content_type"]) == (
        "next",
        "question" if first["kind"] == "question" else "explanation",
    )


def test_a_hint_without_a_question_says_what_comes_next(api: Any, session: LearningSession) -> None:
    me = Learner(api, session)
    me.says("start")
    data = me.says("hint")["data"]
    assert data["code"] == "no_question_open" and data["next"]["action"] == "next"


def ask(api: Any, session: LearningSession, question: str) -> Any:
    return api.post(f"/api/v1/sessions/{session.pk}/ask", {"question": question}).json()


def test_a_follow_up_is_about_what_was_asked_before(api: Any, session: LearningSession) -> None:
    first = ask(api, session, "What is chlorophyll?")
    assert first["status"] == "answered"
    simpler = ask(api, session, "Can you explain that more simply?")
    assert "chlorophyll" in simpler["answer"].lower() and len(simpler["answer"]) <= len(first["answer"])
    assert simpler["passages"][0]["highlights"]
    why = ask(api, session, "and why?")
    assert "why leaves look green" in why["answer"]


def test_courtesy_in_a_question_is_no_search(api: Any, session: LearningSession) -> None:
    hello = ask(api, session, "Hallo!")
    assert hello["answer"].startswith("Hallo!") and not hello["passages"] and hello["engine"] == "builtin"


def test_a_follow_up_without_anything_before_it_is_told_to_name_the_topic(api: Any, session: LearningSession) -> None:
    assert ask(api, session, "simpler please")["declined"]


def test_the_dialogue_explains_the_section_more_simply(api: Any, session: LearningSession) -> None:
    me = Learner(api, session)
    section = me.says("start")["data"]
    turn = me.says("question", text="I don't understand")
    assert (turn["content_type"], turn["data"]["outcome"]) == ("explanation", "answer")
    assert len(turn["data"]["message"]) < len(section["text"])
    me.says("question", question="What is a granum?")
    turn = me.says("question", text="simpler")
    assert "gran" in turn["data"]["message"].lower()
