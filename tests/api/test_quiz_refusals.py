"""Bad input to quizzes and attempts: a named error, and nothing has changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sessions_app.models import AnswerRecord, LearningSession, Question, Quiz, QuizAttempt
from tests.api.test_practice import make_question, make_quiz
from tests.support.fixtures import client_for

pytestmark = pytest.mark.django_db

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "photosynthesis.md"


@pytest.fixture
def session(learner: Any) -> LearningSession:
    return LearningSession.objects.create(owner=learner, title="Cells")


@pytest.fixture
def quiz(session: LearningSession) -> Quiz:
    return make_quiz(session, [make_question(session, number) for number in range(2)])


@pytest.fixture
def studied_sample(api: Any, session: LearningSession, run_jobs: Any) -> LearningSession:
    """The session with the sample document processed."""
    file = SimpleUploadedFile(SAMPLE.name, SAMPLE.read_bytes())
    assert (
        api.post(f"/api/v1/sessions/{session.pk}/documents", {"files": [file]}, format="multipart").status_code == 202
    )
    run_jobs()
    return session


def kept(session: LearningSession) -> dict[str, Any]:
    """All that quizzes leave behind a session."""
    row = LearningSession.objects.get(pk=session.pk)
    return {
        "quizzes": Quiz.objects.filter(session=session).count(),
        "questions": Question.objects.filter(session=session).count(),
        "attempts": list(QuizAttempt.objects.filter(quiz__session=session).values_list("status", "draft", "result")),
        "answers": AnswerRecord.objects.filter(session=session).count(),
        "statistics": (row.quiz_attempt_count, row.quiz_correct_count, list(row.topics_covered)),
    }


def refused(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["errors"][0]["code"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"question_count": 0}, "min_value"),
        ({"question_count": 51}, "max_value"),
        ({"questionCount": 51}, "max_value"),
        ({"question_count": "many"}, "invalid"),
        ({"difficulty": "impossible"}, "invalid_choice"),
        ({"question_types": ["essay"]}, "invalid_choice"),
        ({"topic": "x" * 301}, "max_length"),
    ],
)
def test_a_quiz_that_cannot_be_made_is_refused(
    api: Any, session: LearningSession, body: dict[str, Any], code: str
) -> None:
    before = kept(session)
    assert refused(api.post(f"/api/v1/sessions/{session.pk}/quiz", body)) == (400, code)
    assert kept(session) == before


def test_a_topic_that_is_not_in_the_material_is_refused_as_everywhere(
    api: Any, studied_sample: LearningSession
) -> None:
    before = kept(studied_sample)
    response = api.post(f"/api/v1/sessions/{studied_sample.pk}/quiz", {"topic": "Byzantine tax law"})
    assert refused(response) == (422, "topic_not_in_material")
    assert "Byzantine tax law" in response.json()["errors"][0]["detail"]
    assert kept(studied_sample) == before


def answer_to(question_id: Any, **given: Any) -> dict[str, Any]:
    return {"answers": [{"question_id": str(question_id), **given}]}


def bad_answers(quiz: Quiz, other: Quiz) -> dict[str, tuple[dict[str, Any], str]]:
    mine, theirs = quiz.items.first(), other.items.first()
    assert mine is not None
    assert theirs is not None
    return {
        "unknown option": (answer_to(mine.question_id, option_id="nowhere"), "option_unknown"),
        "option of another question": (answer_to(mine.question_id, option_id="o7-0"), "option_unknown"),
        "question of another quiz": (answer_to(theirs.question_id, option_id="o7-0"), "question_not_in_quiz"),
        "no such question": (answer_to(uuid4(), text="?"), "question_not_in_quiz"),
        "100 kB of text": (answer_to(mine.question_id, text="x" * 100_000), "max_length"),
        "an endless option": (answer_to(mine.question_id, option_id="x" * 100_000), "max_length"),
        "no answers": ({}, "required"),
        "answers of the wrong shape": ({"answers": "all right"}, "not_a_list"),
    }


@pytest.mark.parametrize(
    "case",
    [
        "unknown option", "option of another question", "question of another quiz", "no such question", "100 kB of text",
        "an endless option", "no answers", "answers of the wrong shape",
    ],
)  # fmt: skip
@pytest.mark.parametrize("way", ["submit", "draft"])
def test_a_bad_answer_changes_nothing(api: Any, session: LearningSession, quiz: Quiz, case: str, way: str) -> None:
    body, code = bad_answers(quiz, make_quiz(session, [make_question(session, 7)]))[case]
    before = kept(session)
    sent = (
        api.post(f"/api/v1/quizzes/{quiz.pk}/submit", body)
        if way == "submit"
        else api.patch(f"/api/v1/quizzes/{quiz.pk}/attempts", body)
    )
    assert refused(sent) == (400, code)
    assert kept(session) == before


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"question_index": 2, "selected_option_index": 0}, "question_not_in_quiz"),
        ({"question_index": 0, "selected_option_index": 4}, "option_unknown"),
        ({"question_index": -1, "selected_option_index": 0}, "min_value"),
        ({"question_index": 0, "selected_option_index": 11}, "max_value"),
    ],
)
def test_a_bad_answer_by_index_changes_nothing(
    api: Any, session: LearningSession, quiz: Quiz, row: dict[str, int], code: str
) -> None:
    before = kept(session)
    response = api.post(f"/api/v1/sessions/{session.pk}/quiz/submit", {"user_answers": [row]})
    assert refused(response) == (400, code)
    assert kept(session) == before


def test_a_closed_attempt_takes_neither_other_answers_nor_a_draft(
    api: Any, session: LearningSession, quiz: Quiz
) -> None:
    first = quiz.items.first()
    assert first is not None
    given = answer_to(first.question_id, option_id=first.question.options[0]["id"])
    done = api.post(f"/api/v1/quizzes/{quiz.pk}/submit", given)
    assert done.status_code == 200
    before = kept(session)
    other = answer_to(first.question_id, option_id=first.question.options[1]["id"])
    assert refused(api.post(f"/api/v1/quizzes/{quiz.pk}/submit", other)) == (409, "attempt_closed")
    assert refused(api.patch(f"/api/v1/quizzes/{quiz.pk}/attempts", given)) == (409, "attempt_closed")
    assert kept(session) == before
    assert api.post(f"/api/v1/quizzes/{quiz.pk}/submit", given).json() == done.json()
    assert kept(session) == before


def test_another_persons_quiz_is_not_found(api: Any, session: LearningSession, quiz: Quiz, make_user: Any) -> None:
    stranger = client_for(make_user("stranger"))
    first = quiz.items.first()
    assert first is not None
    body = answer_to(first.question_id, option_id=first.question.options[0]["id"])
    before = kept(session)
    assert refused(stranger.post(f"/api/v1/quizzes/{quiz.pk}/submit", body)) == (404, "quiz_not_found")
    assert refused(stranger.post(f"/api/v1/quizzes/{quiz.pk}/attempts")) == (404, "quiz_not_found")
    assert refused(stranger.patch(f"/api/v1/quizzes/{quiz.pk}/attempts", body)) == (404, "quiz_not_found")
    assert refused(stranger.get(f"/api/v1/quizzes/{quiz.pk}")) == (404, "quiz_not_found")
    rows = {"user_answers": [{"question_index": 0, "selected_option_index": 0}]}
    assert refused(stranger.post(f"/api/v1/sessions/{session.pk}/quiz/submit", rows)) == (404, "session_not_found")
    assert kept(session) == before
