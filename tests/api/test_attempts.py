"""Attempts at a quiz: taken again, only the missed ones, sealed blanks, self-assessment, and keys that stay sealed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from sessions_app.models import AnswerRecord, LearningSession, Question, Quiz, QuizAttempt, ReviewCard
from sessions_app.selectors.practice import open_questions
from sessions_app.services import answering
from sessions_app.services.bank import candidate_of
from sessions_app.services.regrading import attempt_recompute
from tests.api.test_chapter_mastery import streamed
from tests.api.test_practice import answer, make_question, make_quiz, mastery_of
from tests.support.fixtures import client_for

pytestmark = pytest.mark.django_db

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "photosynthesis.md"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def session(learner: Any) -> LearningSession:
    return LearningSession.objects.create(owner=learner, title="Cells")


@pytest.fixture
def quiz(session: LearningSession) -> Quiz:
    return make_quiz(session, [make_question(session, number) for number in range(4)])


def given(quiz: Quiz, right: set[int], wrong: set[int] = frozenset()) -> list[dict[str, str]]:  # type: ignore[assignment]
    items = quiz.items.select_related("question")
    return [
        {"question_id": str(i.question_id), "option_id": i.question.options[0 if i.index in right else 1]["id"]}
        for i in items
        if i.index in right | set(wrong)
    ]


def submit(api: Any, quiz: Quiz, answers: list[dict[str, str]]) -> Any:
    return api.post(f"/api/v1/quizzes/{quiz.pk}/submit", {"answers": answers})


def begin(api: Any, quiz: Quiz, **body: Any) -> Any:
    return api.post(f"/api/v1/quizzes/{quiz.pk}/attempts", body)


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["errors"][0]["code"]


def test_a_quiz_is_taken_again_and_the_first_attempt_counts(api: Any, quiz: Quiz, set_runtime: Any) -> None:
    set_runtime("QUIZ_ATTEMPTS_ALLOWED", 3)
    first = submit(api, quiz, given(quiz, {0, 1}, {2, 3})).json()
    assert (first["attempt_number"], first["counts"], first["attempts_left"]) == (1, True, 2)
    again = begin(api, quiz)
    assert (again.status_code, again.json()["number"], again.json()["status"]) == (201, 2, "open")
    assert begin(api, quiz).json()["id"] == again.json()["id"]
    second = submit(api, quiz, given(quiz, {0, 1, 2, 3})).json()
    assert (second["attempt_id"], second["correct_answers"]) == (again.json()["id"], 4)
    assert (second["counts"], second["counting_attempt_id"]) == (False, first["attempt_id"])
    assert submit(api, quiz, given(quiz, {0, 1, 2, 3})).json() == second
    assert code(submit(api, quiz, given(quiz, {0}))) == (409, "attempt_closed")
    assert QuizAttempt.objects.count() == 2


def test_the_result_is_said_in_the_learners_language_and_stays_in_it(api: Any, quiz: Quiz) -> None:
    url = f"/api/v1/quizzes/{quiz.pk}/submit"
    result = api.post(url, {"answers": given(quiz, {0, 1}, {2})}, headers={"Accept-Language": "pt"}).json()
    assert result["overall_feedback"].startswith("2 de 4 certas, 50 % dos pontos")
    missed = result["feedback_items"][2]
    assert (missed["reason"], missed["improvement_suggestion"][:18]) == ("outra opção", "A sua resposta foi")
    answer = AnswerRecord.objects.get(question_id=missed["question_id"])
    assert answer.reason == "another option"  # what staff read
    attempt_recompute(attempt_id=result["attempt_id"])
    attempt = QuizAttempt.objects.get(pk=result["attempt_id"])
    assert attempt.result["overall_feedback"] == result["overall_feedback"]


def test_only_the_missed_questions_are_asked_again(api: Any, quiz: Quiz) -> None:
    submit(api, quiz, given(quiz, {0, 2}, {1}))
    missed = {str(item.question_id) for item in quiz.items.all() if item.index in {1, 3}}
    attempt = begin(api, quiz, only_missed=True).json()
    assert set(attempt["question_ids"]) == missed
    assert code(submit(api, quiz, given(quiz, {0}))) == (400, "question_not_in_quiz")
    result = submit(api, quiz, given(quiz, {1, 3})).json()
    assert {row["question_id"] for row in result["feedback_items"]} == missed
    assert (result["total_questions"], result["score_percentage"]) == (2, 100.0)
    assert code(begin(api, quiz, only_missed=True)) == (409, "nothing_missed")
    assert code(begin(api, quiz, only_missed="perhaps")) == (400, "invalid")


def test_blank_answers_stay_sealed_until_no_attempt_is_left(api: Any, quiz: Quiz, set_runtime: Any) -> None:
    set_runtime("QUIZ_ATTEMPTS_ALLOWED", 2)
    sealed = ("correct_option", "explanation", "citation")
    first = submit(api, quiz, given(quiz, {0}, {1})).json()["feedback_items"]
    assert all(first[place][name] for place in (0, 1) for name in sealed)
    assert all(first[place][name] is None for place in (2, 3) for name in sealed)
    stored = api.get(f"/api/v1/quizzes/{quiz.pk}/attempts").json()[0]["result"]["feedback_items"]
    assert stored == first
    begin(api, quiz)
    last = submit(api, quiz, []).json()
    assert last["attempts_left"] == 0
    assert all(row[name] for row in last["feedback_items"] for name in sealed)
    assert code(begin(api, quiz)) == (409, "attempts_exhausted")


def test_drafts_are_kept_and_handed_in_with_the_rest(api: Any, quiz: Quiz) -> None:
    begin(api, quiz)
    saved = api.patch(f"/api/v1/quizzes/{quiz.pk}/attempts", {"answers": given(quiz, {0, 1})})
    assert saved.status_code == 200
    assert len(api.get(f"/api/v1/quizzes/{quiz.pk}/attempts").json()[0]["draft"]) == 2
    assert submit(api, quiz, given(quiz, {2})).json()["correct_answers"] == 3


def test_a_question_is_open_from_the_beginning_to_the_end_but_a_day_at_most(
    api: Any, session: LearningSession, quiz: Quiz
) -> None:
    owner = session.owner_id
    begin(api, quiz)
    assert open_questions(owner_id=owner).count() == 4
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=25)):
        assert not open_questions(owner_id=owner).exists()
    submit(api, quiz, [])
    assert not open_questions(owner_id=owner).exists()
    begin(api, quiz, only_missed=True)
    assert open_questions(owner_id=owner, session_id=session.pk).count() == 4


def test_an_open_question_is_neither_reviewed_nor_exported(api: Any, session: LearningSession, quiz: Quiz) -> None:
    submit(api, quiz, given(quiz, {0, 1, 2, 3}))
    ReviewCard.objects.update(due_at=NOON - timedelta(days=300))
    assert len(api.get("/api/v1/reviews/due").json()["results"]) == 4
    begin(api, quiz)
    assert api.get("/api/v1/reviews/due").json()["results"] == []
    card = ReviewCard.objects.first()
    assert card is not None
    assert code(answer(api, card, 0)) == (409, "question_open_in_quiz")
    exported = api.get(f"/api/v1/sessions/{session.pk}/questions/export?format=csv").content.decode()
    assert "What does number" not in exported


def test_what_was_left_blank_is_not_exported(api: Any, session: LearningSession, quiz: Quiz) -> None:
    submit(api, quiz, given(quiz, {0}))
    exported = api.get(f"/api/v1/sessions/{session.pk}/questions/export?format=csv").content.decode()
    assert exported.count("What does number") == 1


def waiting_answer(api: Any, session: LearningSession) -> tuple[Quiz, AnswerRecord]:
    question = make_question(
        session, 7, kind="short_answer", options=[], key={"type": "text", "accepted": ["plasma membrane"]}
    )
    quiz = make_quiz(session, [question])
    submit(api, quiz, [{"question_id": str(question.pk), "text": "plasma membrane proteins"}])
    return quiz, AnswerRecord.objects.get(question=question)


def assess(api: Any, record: AnswerRecord, **body: Any) -> Any:
    return api.post(f"/api/v1/attempts/{record.attempt_id}/answers/{record.question_id}/self-assessment", body)


def test_a_lone_learner_assesses_what_waits_and_it_counts_half(api: Any, session: LearningSession) -> None:
    quiz, record = waiting_answer(api, session)
    before = mastery_of(api, session)["concepts"][0]
    assert (record.verdict, before["answers"]) == ("needs_review", 0)
    response = assess(api, record, correct=True)
    assert response.status_code == 200, response.json()
    body = response.json()
    assert (body["verdict"], body["self_assessed"], body["counts"]) == ("needs_review", True, 0.5)
    assert (body["correct_option"], body["citation"]["filename"]) == ("plasma membrane", "cells.pdf")
    after = mastery_of(api, session)["concepts"][0]
    assert after["answers"] == 1
    stored = api.get(f"/api/v1/quizzes/{quiz.pk}/attempts").json()[0]
    assert stored["score_percentage"] == 0.0
    assert [item["self_assessed"] for item in stored["result"]["feedback_items"]] == [True]
    assess(api, record, correct=False)
    stored = api.get(f"/api/v1/quizzes/{quiz.pk}/attempts").json()[0]
    assert [item["self_assessed"] for item in stored["result"]["feedback_items"]] == [False]
    assert mastery_of(api, session)["concepts"][0]["probability"] < after["probability"]
    record.refresh_from_db()
    AnswerRecord.objects.filter(pk=record.pk).update(verdict="correct", credit=1.0, self_assessed=None)
    graded = mastery_of(api, session)["concepts"][0]["probability"]
    assert before["probability"] < after["probability"] < graded


def test_an_assessment_that_is_not_the_learners_is_refused(
    api: Any, session: LearningSession, quiz: Quiz, make_user: Any, staff: Any
) -> None:
    _, record = waiting_answer(api, session)
    assert code(assess(client_for(make_user("stranger")), record, correct=True)) == (404, "attempt_answer_not_found")
    assert code(assess(api, record)) == (400, "required")
    submit(api, quiz, given(quiz, {0, 1, 2, 3}))
    graded = AnswerRecord.objects.filter(verdict="correct").first()
    assert graded is not None
    assert code(assess(api, graded, correct=True)) == (409, "answer_not_waiting")
    AnswerRecord.objects.filter(pk=graded.pk).update(reviewed_by=staff, reviewed_at=datetime.now(UTC))
    assert code(assess(api, record, correct=True)) == (409, "teacher_reviews")


class ScriptedLearner:
    """Tries every door to the keys of an open quiz, and keeps all that it was shown."""

    def __init__(self, api: Any, session_id: str) -> None:
        self.api = api
        self.at = f"/api/v1/sessions/{session_id}"
        self.shown: list[str] = []

    def see(self, response: Any) -> Any:
        body = response.json() if "json" in response["Content-Type"] else response.content.decode("utf-8", "replace")
        self.shown.append(json.dumps(body, ensure_ascii=False))
        return body

    def interact(self, kind: str, **data: Any) -> Any:
        return self.see(self.api.post(f"{self.at}/interact", {"type": kind, "data": data}))

    def lesson(self) -> list[str]:
        """Go through the whole lesson giving up at each question; returns the ids of the questions asked."""
        asked = []
        lesson = self.see(self.api.post(f"{self.at}/lesson"))
        asked += [shown["id"] for section in lesson["sections"] for shown in section["check_questions"]]
        self.interact("start")
        for _ in range(150):
            turn = self.interact("next")
            if turn["data"].get("code") == "finished":
                break
            if turn["content_type"] == "question":
                asked.append(turn["data"]["question_id"])
                for _ in range(5):
                    self.interact("answer", answer="I don't know")
        return asked


def test_a_learner_who_tries_every_door_gets_no_key_of_an_open_quiz(
    api: Any, session: LearningSession, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = SimpleUploadedFile(SAMPLE.name, SAMPLE.read_bytes())
    api.post(f"/api/v1/sessions/{session.pk}/documents", {"files": [file]}, format="multipart")
    run_jobs()
    made = api.post(f"/api/v1/sessions/{session.pk}/quiz", {"question_count": 8}).json()
    quiz = Quiz.objects.get(pk=made["id"])
    begin(api, quiz)
    own = {str(item.question_id): item.question for item in quiz.items.select_related("question")}
    learner = ScriptedLearner(api, str(session.pk))
    asked = learner.lesson()
    assert not set(asked) & set(own)
    for question in own.values():
        reply = learner.interact("question", question=question.stem)
        assert reply["data"].get("code") in {"open_in_quiz", "answer_first"}, reply
        answer = learner.see(api.post(f"/api/v1/sessions/{session.pk}/ask", {"question": question.stem}))
        assert answer["answer"].startswith("This is asked in a quiz"), answer
        assert all(passage["highlights"] == [] for passage in answer["passages"])
    # No model is asked either, whichever way the answer is wanted.
    for name in ("answers_by_model", "answer_events"):
        monkeypatch.setattr(answering, name, lambda *given: pytest.fail("a model may be asked"))
    asked = {"question": next(iter(own.values())).stem}
    stream = api.post(f"/api/v1/sessions/{session.pk}/ask", asked, headers={"Accept": "text/event-stream"})
    assert (
        "you have not handed in"
        in json.loads(streamed(stream).split("event: done\n")[1].split("data: ", 1)[1].split("\n")[0])["answer"]
    )
    monkeypatch.undo()
    second = learner.see(api.post(f"/api/v1/sessions/{session.pk}/quiz", {"question_count": 8}))
    assert not {row["id"] for row in second.get("questions", [])} & set(own)
    learner.see(api.get("/api/v1/reviews/due"))
    for name in ("csv", "qti", "anki"):
        learner.see(api.get(f"/api/v1/sessions/{session.pk}/questions/export?format={name}"))
    learner.see(api.get(f"/api/v1/quizzes/{quiz.pk}"))
    learner.see(submit(api, quiz, []))
    ids = {str(row.pk): candidate_of(row) for row in Question.objects.filter(pk__in=own)}
    revealed = [
        pk
        for pk, question in ids.items()
        if any(
            f'"explanation": {json.dumps(question.explanation, ensure_ascii=False)}' in text and pk in text
            for text in learner.shown
            if question.explanation
        )
        or any(f'"correct_option": {json.dumps(question.key_text)}' in text and pk in text for text in learner.shown)
    ]
    assert revealed == []
