"""Mastery, reviews and exports through the API, over answers given to quizzes and reviews."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from sessions_app.models import AnswerRecord, LearningSession, MasteryState, Question, Quiz, QuizQuestion, ReviewCard
from sessions_app.services.mastery import mastery_refresh
from tests.support.fixtures import client_for

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
EVIDENCE = {
    "document_id": "00000000-0000-0000-0000-000000000001",
    "filename": "cells.pdf",
    "page_start": 2,
    "page_end": 2,
    "char_start": 0,
    "char_end": 24,
    "text": "Water moves by osmosis..",
}


def make_question(session: LearningSession, number: int, concept: str = "osmosis", **fields: Any) -> Question:
    options = [{"id": f"o{number}-{place}", "text": f"Option {place} of {number}"} for place in range(4)]
    described = {
        "kind": "multiple_choice",
        "options": options,
        "key": {"type": "choice", "option_id": f"o{number}-0"},
        **fields,
    }
    return Question.objects.create(
        owner_id=session.owner_id,
        session=session,
        stem=f"What does number {number} ask about {concept}?",
        explanation="So the material says.",
        evidence=[EVIDENCE],
        concept=concept,
        engine="builtin",
        fingerprint=f"{number:016d}",
        state=Question.State.PUBLISHED,
        **described,
    )


def make_quiz(session: LearningSession, questions: list[Question]) -> Quiz:
    quiz = Quiz.objects.create(
        session=session,
        owner_id=session.owner_id,
        title="Quiz",
        difficulty="medium",
        passing_score=70,
        total_points=len(questions),
        estimated_completion_time_minutes=5,
        requested_count=len(questions),
    )
    QuizQuestion.objects.bulk_create(QuizQuestion(quiz=quiz, question=q, index=i) for i, q in enumerate(questions))
    return quiz


def submit(api: Any, quiz: Quiz, right: set[int] | range) -> None:
    """Answer the quiz through the API; ``right``: the indexes answered rightly."""
    answers = [
        {
            "question_id": str(item.question_id),
            "option_id": item.question.options[0 if item.index in right else 1]["id"],
        }
        for item in quiz.items.select_related("question")
    ]
    response = api.post(f"/api/v1/quizzes/{quiz.pk}/submit", {"answers": answers})
    assert response.status_code == 200, response.json()


def mastery_of(api: Any, session: LearningSession) -> dict[str, Any]:
    response = api.get(f"/api/v1/sessions/{session.pk}/mastery")
    assert response.status_code == 200, response.json()
    return dict(response.json())


@contextmanager
def first_due(api: Any, session: LearningSession, questions: list[Question]) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The learner's client and the first review due, three days after six right answers."""
    with time_machine.travel(NOON, tick=False):
        submit(api, make_quiz(session, questions), right=range(6))
    with time_machine.travel(NOON + timedelta(days=3), tick=False):
        later = client_for(session.owner)
        yield later, later.get("/api/v1/reviews/due").json()["results"][0]


def answer(api: Any, review: dict[str, Any] | ReviewCard, option: int, **more: Any) -> Any:
    pk = review["id"] if isinstance(review, dict) else review.pk
    card = ReviewCard.objects.select_related("question").get(pk=pk)
    return api.post(f"/api/v1/reviews/{pk}/answer", {"option_id": card.question.options[option]["id"], **more})


@pytest.fixture
def session(learner: Any) -> LearningSession:
    return LearningSession.objects.create(owner=learner, title="Cells")


@pytest.fixture
def questions(session: LearningSession) -> list[Question]:
    return [make_question(session, number) for number in range(5)] + [make_question(session, 9, "mitosis")]


def test_mastery_starts_from_the_prior_and_follows_the_answers(
    api: Any, session: LearningSession, questions: list[Question]
) -> None:
    before = mastery_of(api, session)
    assert [row["concept"] for row in before["concepts"]] == ["mitosis", "osmosis"]
    assert all(row["answers"] == 0 and not row["mastered"] and row["due_at"] is None for row in before["concepts"])
    submit(api, make_quiz(session, questions), right=range(5))
    after = {row["concept"]: row for row in mastery_of(api, session)["concepts"]}
    earlier = {row["concept"]: row for row in before["concepts"]}
    assert after["osmosis"]["probability"] > earlier["osmosis"]["probability"]
    assert after["mitosis"]["probability"] < after["osmosis"]["probability"]
    for row in after.values():
        assert 0 < row["low"] < row["probability"] < row["high"] < 1
        assert row["due_at"] is not None
    assert (after["osmosis"]["answers"], after["mitosis"]["answers"]) == (5, 1)


def test_overall_is_the_mean_and_null_without_questions(
    api: Any, session: LearningSession, learner: Any, questions: list[Question]
) -> None:
    body = mastery_of(api, session)
    assert body["overall"] == pytest.approx(sum(row["probability"] for row in body["concepts"]) / 2)
    empty = LearningSession.objects.create(owner=learner, title="Empty")
    assert mastery_of(api, empty) == {
        "session_id": str(empty.pk),
        "concepts": [],
        "overall": None,
        "mastered_concepts": 0,
    }


def test_nine_right_answers_in_a_row_master_a_concept_and_the_stored_belief_is_the_same(
    api: Any, session: LearningSession
) -> None:
    questions = [make_question(session, number) for number in range(9)]
    quiz = make_quiz(session, questions[:8])
    submit(api, quiz, right=range(8))
    assert mastery_of(api, session)["concepts"][0]["right_in_a_row_needed"] == 1
    assert mastery_of(api, session)["mastered_concepts"] == 0
    submit(api, make_quiz(session, questions[8:]), right=range(1))
    shown = mastery_of(api, session)["concepts"][0]
    assert shown["mastered"] is True
    assert shown["mastered_at"] is not None
    stored = MasteryState.objects.get(session=session)
    assert (stored.concept, stored.answer_count) == ("osmosis", 9)
    assert stored.probability == shown["probability"]
    assert stored.mastered_at is not None


def test_an_answer_that_a_person_must_decide_is_no_evidence_until_it_is_decided(
    api: Any, session: LearningSession, questions: list[Question]
) -> None:
    record = AnswerRecord.objects.create(
        question=questions[0], owner_id=session.owner_id, session=session, verdict="needs_review"
    )
    assert mastery_refresh(session_id=session.pk) == []
    assert all(row["answers"] == 0 for row in mastery_of(api, session)["concepts"])
    record.verdict, record.credit = AnswerRecord.Verdict.CORRECT, 1.0
    record.save()
    assert [belief.mastery.n for belief in mastery_refresh(session_id=session.pk)] == [1]
    record.delete()
    mastery_refresh(session_id=session.pk)
    assert not MasteryState.objects.filter(session=session).exists()


def test_answered_questions_come_back_sealed_and_the_missed_one_first(
    api: Any, session: LearningSession, questions: list[Question]
) -> None:
    with time_machine.travel(NOON, tick=False):
        submit(api, make_quiz(session, questions), right={1, 2, 3, 4})
        assert api.get("/api/v1/reviews/due").json() == {"results": [], "next": None, "previous": None}
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        tomorrow = client_for(session.owner).get("/api/v1/reviews/due").json()["results"]
        assert {row["question"]["id"] for row in tomorrow} == {str(questions[0].pk), str(questions[5].pk)}
    with time_machine.travel(NOON + timedelta(days=3), tick=False):
        due = client_for(session.owner).get("/api/v1/reviews/due").json()["results"]
    assert len(due) == 6
    sealed = {"key", "correct_option", "explanation", "evidence", "is_correct", "citation"}
    for row in due:
        assert not sealed & (set(row) | set(row["question"]))
        assert 0 < row["recall_probability"] <= 1


def test_a_review_is_graded_explained_and_scheduled_once(
    api: Any, session: LearningSession, questions: list[Question]
) -> None:
    with first_due(api, session, questions) as (api, review):
        response = answer(api, review, 0, time_taken_seconds=5)
        body = response.json()
        assert response.status_code == 200, body
        assert (body["is_correct"], body["verdict"], body["rating"]) == (True, "correct", "good")
        assert body["citation"]["text"] == EVIDENCE["text"]
        assert body["explanation"]
        assert datetime.fromisoformat(body["due_at"]) > NOON + timedelta(days=5)
        again = answer(api, review, 0)
        assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "review_not_due")
        assert review["id"] not in {row["id"] for row in api.get("/api/v1/reviews/due").json()["results"]}
        missed = answer(api, api.get("/api/v1/reviews/due").json()["results"][0], 1).json()
        assert (missed["is_correct"], missed["rating"]) == (False, "again")
        assert datetime.fromisoformat(missed["due_at"]) == NOON + timedelta(days=4)
    assert AnswerRecord.objects.filter(source="review").count() == 2
    answered = {row["concept"]: row["answers"] for row in mastery_of(client_for(session.owner), session)["concepts"]}
    assert sum(answered.values()) == 8


def test_an_open_answer_of_a_choice_question_means_not_known(
    api: Any, session: LearningSession, questions: list[Question]
) -> None:
    with first_due(api, session, questions) as (api, review):
        body = api.post(f"/api/v1/reviews/{review['id']}/answer", {}).json()
        assert (body["is_correct"], body["rating"]) == (False, "again")


@pytest.mark.parametrize(
    ("payload", "status", "code"),
    [
        ({"option_id": "nowhere"}, 400, "option_unknown"),
        ({"text": "x" * 5001}, 400, "max_length"),
        ({"option_id": "x" * 65}, 400, "max_length"),
        ({"time_taken_seconds": -1}, 400, "min_value"),
        ({"hints_used": "many"}, 400, "invalid"),
    ],
)
def test_a_bad_answer_to_a_review_changes_nothing(
    api: Any, session: LearningSession, questions: list[Question], payload: dict[str, Any], status: int, code: str
) -> None:
    submit(api, make_quiz(session, questions), right=range(6))
    card = ReviewCard.objects.first()
    assert card is not None
    ReviewCard.objects.update(due_at=NOON - timedelta(days=300))
    response = api.post(f"/api/v1/reviews/{card.pk}/answer", payload)
    assert (response.status_code, response.json()["errors"][0]["code"]) == (status, code)
    assert not AnswerRecord.objects.filter(source="review").exists()


def test_the_daily_cap_holds_also_after_an_absence_and_counts_what_was_done(
    api: Any, session: LearningSession, set_runtime: Any
) -> None:
    questions = [make_question(session, number) for number in range(30)]
    with time_machine.travel(NOON, tick=False):
        submit(api, make_quiz(session, questions), right=range(30))
    set_runtime("REVIEW_DAILY_CAP", 10)
    seen: set[str] = set()
    for day in range(3):
        with time_machine.travel(NOON + timedelta(days=40 + day), tick=False):
            api = client_for(session.owner)
            due = api.get("/api/v1/reviews/due").json()["results"]
            assert len(due) == 10
            for number, row in enumerate(due, start=1):
                assert answer(api, row, 0).status_code == 200
                if number in (1, 10):
                    assert len(api.get("/api/v1/reviews/due").json()["results"]) == 10 - number
            seen |= {row["id"] for row in due}
    assert len(seen) == 30


def test_retired_questions_are_not_reviewed(api: Any, session: LearningSession, questions: list[Question]) -> None:
    submit(api, make_quiz(session, questions), right=range(6))
    ReviewCard.objects.update(due_at=NOON - timedelta(days=300))
    Question.objects.filter(pk=questions[0].pk).update(state=Question.State.RETIRED)
    assert len(api.get("/api/v1/reviews/due").json()["results"]) == 5
    card = ReviewCard.objects.get(question=questions[0])
    assert answer(api, card, 0).json()["errors"][0]["code"] == "review_not_found"


def test_everything_of_practice_is_closed_to_others(
    api: Any, session: LearningSession, questions: list[Question], make_user: Any
) -> None:
    submit(api, make_quiz(session, questions), right=range(6))
    card = ReviewCard.objects.first()
    assert card is not None
    ReviewCard.objects.update(due_at=NOON - timedelta(days=300))
    stranger = client_for(make_user("stranger"))
    assert stranger.get(f"/api/v1/sessions/{session.pk}/mastery").status_code == 404
    assert stranger.get(f"/api/v1/sessions/{session.pk}/questions/export?format=csv").status_code == 404
    assert stranger.get("/api/v1/reviews/due").json()["results"] == []
    assert stranger.get(f"/api/v1/reviews/due?session={session.pk}").status_code == 404
    assert answer(stranger, card, 0).status_code == 404
    assert api.get("/api/v1/reviews/due?session=nonsense").status_code == 400


def test_reviews_of_one_session(api: Any, session: LearningSession, learner: Any, questions: list[Question]) -> None:
    other = LearningSession.objects.create(owner=learner, title="Other")
    submit(api, make_quiz(session, questions), right=range(6))
    submit(api, make_quiz(other, [make_question(other, 77)]), right=range(1))
    ReviewCard.objects.update(due_at=NOON - timedelta(days=300))
    assert len(api.get("/api/v1/reviews/due").json()["results"]) == 7
    only = api.get(f"/api/v1/reviews/due?session={other.pk}").json()["results"]
    assert [row["session_id"] for row in only] == [str(other.pk)]


def export(api: Any, session: LearningSession, name: str, **headers: Any) -> Any:
    return api.get(f"/api/v1/sessions/{session.pk}/questions/export?format={name}", **headers)


def test_the_export_holds_answered_questions_only(
    api: Any, session: LearningSession, questions: list[Question]
) -> None:
    assert len(export(api, session, "csv").content.decode("utf-8-sig").strip().splitlines()) == 1
    submit(api, make_quiz(session, questions[:2]), right=range(2))
    response = export(api, session, "csv", HTTP_ACCEPT="application/json")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv"
    assert response["Content-Disposition"] == 'attachment; filename="cells.csv"'
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert {row["id"] for row in rows} == {str(question.pk) for question in questions[:2]}
    assert all(row["answer"].startswith("Option 0") and row["due_at"] for row in rows)
    for name, extension in (("anki", "apkg"), ("qti", "zip")):
        packed = export(api, session, name)
        assert packed["Content-Disposition"].endswith(f'.{extension}"')
        assert zipfile.ZipFile(io.BytesIO(packed.content)).testzip() is None


def test_an_unknown_export_format_is_refused_in_json(api: Any, session: LearningSession) -> None:
    response = export(api, session, "pdf")
    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "export_format_unknown"
