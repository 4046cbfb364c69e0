"""The review queue: decisions with history, two people at once, doubtful answers, regrades and the way back."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.test import Client

from documents_app.models import Document, DocumentContent
from sessions_app.models import AnswerRecord, LearningSession, MasteryState, Question, Quiz, QuizAttempt, QuizQuestion
from sessions_app.services.attempts import SubmittedAnswer, attempt_submit
from sessions_app.services.review_queue import evidence_shown
from tests.support.console import console_client, make_question
from tests.support.fixtures import client_for
from tutor_project.platform.roles import roles_seed

pytestmark = pytest.mark.django_db

BEFORE, QUOTE, AFTER = (
    "Cells are small. ",
    "Osmosis is the movement of water across a membrane.",
    " It costs no energy.",
)


@pytest.fixture
def session(learner: Any) -> LearningSession:
    return LearningSession.objects.create(owner=learner, title="Cells")


@pytest.fixture
def question(session: LearningSession) -> Question:
    """A quarantined question whose evidence stands in a stored document."""
    document = Document.objects.create(
        owner=session.owner, session_id=session.pk, filename="cells.pdf", mime_type="application/pdf", size=1,
        status="completed",
    )  # fmt: skip
    text = BEFORE + QUOTE + AFTER
    pages = [{"page": 1, "char_start": 0, "char_end": len(text)}]
    DocumentContent.objects.create(document=document, text=text, pages=pages)
    evidence = {
        "document_id": str(document.pk), "filename": "cells.pdf", "page_start": 1, "page_end": 1,
        "char_start": len(BEFORE), "char_end": len(BEFORE + QUOTE), "text": QUOTE,
    }  # fmt: skip
    return make_question(
        session,
        1,
        state="quarantined",
        document_ids=[document.pk],
        evidence=[evidence],
        failures=[{"rule": "ambiguous", "detail": "Two fit."}],
    )


@pytest.fixture
def attempt(session: LearningSession) -> QuizAttempt:
    """A submitted attempt at two questions: the first answered wrongly, the second rightly."""
    questions = [make_question(session, number) for number in (5, 6)]
    quiz = Quiz.objects.create(
        session=session, owner=session.owner, title="Quiz", difficulty="medium", passing_score=70, total_points=2,
        estimated_completion_time_minutes=1, requested_count=2,
    )  # fmt: skip
    QuizQuestion.objects.bulk_create(QuizQuestion(quiz=quiz, question=q, index=i) for i, q in enumerate(questions))
    answers = [SubmittedAnswer(questions[0].pk, "o5-1"), SubmittedAnswer(questions[1].pk, "o6-0")]
    return attempt_submit(quiz=quiz, answers=answers)


def decide(client: Any, question: Question, **body: Any) -> Any:
    return client.post(f"/api/v1/review-queue/questions/{question.pk}/decide", body, format="json")


def code_of(response: Any) -> str:
    return str(response.json()["errors"][0]["code"])


def test_evidence_stands_in_the_text_around_it(question: Question) -> None:
    (view,) = evidence_shown(question=question)
    assert (view.before, view.quote, view.after, view.found) == (BEFORE, QUOTE, AFTER, True)
    # Its evidence names its document; while that is read or embedded again its text is there as before.
    Document.objects.update(status="processing", embedding_status="processing")
    question.document_ids = []
    (view,) = evidence_shown(question=question)
    assert (view.before, view.found) == (BEFORE, True)
    DocumentContent.objects.all().delete()
    Document.objects.all().delete()
    (view,) = evidence_shown(question=question)
    assert (view.quote, view.found) == (QUOTE, False)


def test_the_queue_is_for_teachers(staff_api: Any, question: Question, make_user: Any) -> None:
    body = staff_api.get("/api/v1/review-queue").json()
    assert [row["id"] for row in body["questions"]] == [str(question.pk)]
    assert client_for(make_user("viewer", is_staff=True)).get("/api/v1/review-queue").status_code == 403


def test_overruling_the_verifier_needs_a_reason_and_is_remembered(
    staff_api: Any, staff: Any, question: Question
) -> None:
    assert code_of(decide(staff_api, question, decision="approve", version=1)) == "decision_needs_reason"
    response = decide(staff_api, question, decision="approve", version=1, reason="Only one fits.")
    assert (response.status_code, response.json()["state"], response.json()["version"]) == (200, "published", 2)
    revision = question.revisions.get()
    assert (revision.action, revision.changed_by, revision.reason) == ("approve", staff, "Only one fits.")
    assert revision.before["state"] == "quarantined"
    assert LogEntry.objects.filter(object_id=str(question.pk)).count() == 1


def test_of_two_people_on_one_version_one_is_told(staff_api: Any, question: Question) -> None:
    assert decide(staff_api, question, decision="reject", version=1, reason="Trivial.").status_code == 200
    response = decide(staff_api, question, decision="approve", version=1, reason="Good.")
    assert (response.status_code, code_of(response)) == (409, "question_changed")
    question.refresh_from_db()
    assert (question.state, question.revisions.count()) == ("retired", 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"key": {"type": "choice", "option_id": "nowhere"}},
        {"key": {"type": "text", "accepted": ["x"]}},
        {"key": "o1-0"},
        {"options": [{"id": "o1-0", "text": "One"}]},
        {"stem": " "},
        {"difficulty": "brutal"},
        {"points": 0},
        {"state": "published"},
    ],
)
def test_an_edit_that_does_not_hang_together_changes_nothing(
    staff_api: Any, question: Question, changes: dict[str, Any]
) -> None:
    response = decide(staff_api, question, decision="edit", version=1, changes=changes)
    assert (response.status_code, code_of(response)) == (400, "question_edit_invalid")
    question.refresh_from_db()
    assert question.version == 1


def test_an_edited_question_is_verified_again(staff_api: Any, question: Question) -> None:
    response = decide(staff_api, question, decision="edit", version=1, changes={"stem": "What is it?"})
    assert response.status_code == 200
    question.refresh_from_db()
    assert question.state in ("quarantined", "verified")
    assert bool(question.failures) is (question.state == "quarantined")
    assert question.failures != [{"rule": "ambiguous", "detail": "Two fit."}]
    assert question.revisions.get().before["stem"].startswith("What does number")


def test_deciding_an_answer_moves_score_and_mastery(staff_api: Any, attempt: QuizAttempt) -> None:
    record = AnswerRecord.objects.get(attempt=attempt, verdict="incorrect")
    AnswerRecord.objects.filter(pk=record.pk).update(verdict="needs_review")
    path = f"/api/v1/review-queue/answers/{record.pk}/decide"
    response = staff_api.post(path, {"correct": True, "note": "Same thing in other words."}, format="json")
    assert (response.status_code, response.json()["verdict"]) == (200, "correct")
    attempt.refresh_from_db()
    assert (attempt.score_percentage, attempt.passed, attempt.needs_review_count) == (100.0, True, 0)
    assert attempt.result["feedback_items"][0]["is_correct"] is True
    assert MasteryState.objects.get(session_id=record.session_id).answer_count == 2
    again = staff_api.post(path, {"correct": False}, format="json")
    assert (again.status_code, code_of(again)) == (409, "answer_decided")


def test_a_changed_key_is_regraded_after_a_dry_run_and_given_back(
    staff_api: Any, staff: Any, attempt: QuizAttempt
) -> None:
    question = Question.objects.get(options__0__id="o5-0")
    Question.objects.filter(pk=question.pk).update(key={"type": "choice", "option_id": "o5-1"})
    path = f"/api/v1/questions/{question.pk}/regrade"
    before = list(AnswerRecord.objects.order_by("id").values_list("verdict", "credit", "updated_at"))
    dry = staff_api.post(path, {"apply": False}, format="json").json()
    assert (dry["applied"], dry["checked"], len(dry["changes"])) == (False, 1, 1)
    assert (dry["changes"][0]["score_before"], dry["changes"][0]["score_after"]) == (50.0, 100.0)
    assert list(AnswerRecord.objects.order_by("id").values_list("verdict", "credit", "updated_at")) == before
    attempt.refresh_from_db()
    assert attempt.score_percentage == 50.0
    assert staff_api.post(path, {"apply": True, "reason": "Wrong key."}, format="json").json()["applied"] is True
    attempt.refresh_from_db()
    assert (attempt.score_percentage, attempt.passed) == (100.0, True)
    assert staff_api.post(path, {"apply": True}, format="json").json()["changes"] == []
    console = console_client(staff)
    console.post(f"/admin/sessions_app/question/review/{question.pk}/regrade/", {"decision": "undo"})
    attempt.refresh_from_db()
    assert (attempt.score_percentage, attempt.passed) == (50.0, False)
    actions = list(question.revisions.order_by("version").values_list("action", flat=True))
    assert actions == ["regrade", "undo_regrade"]


def test_what_a_person_decided_is_not_regraded(staff_api: Any, staff: Any, attempt: QuizAttempt) -> None:
    record = AnswerRecord.objects.get(attempt=attempt, verdict="incorrect")
    AnswerRecord.objects.filter(pk=record.pk).update(reviewed_by=staff, reviewed_at=record.created_at)
    Question.objects.filter(pk=record.question_id).update(key={"type": "choice", "option_id": "o5-1"})
    dry = staff_api.post(f"/api/v1/questions/{record.question_id}/regrade", {}, format="json").json()
    assert (dry["kept"], dry["changes"]) == (1, [])


def test_the_pages_show_the_evidence_and_decide(staff: Any, question: Question, attempt: QuizAttempt) -> None:
    console: Client = console_client(staff)
    assert question.stem in console.get("/admin/sessions_app/question/review/").content.decode()
    path = f"/admin/sessions_app/question/review/{question.pk}/"
    assert f"<mark>{QUOTE}</mark>" in console.get(path).content.decode()
    console.post(path, {"decision": "approve", "version": "1", "reason": "Fine."})
    question.refresh_from_db()
    assert question.state == "published"
    stale = console.post(path, {"decision": "reject", "version": "1", "reason": "No."}, follow=True)
    assert "version 2 now, not 1" in stale.content.decode()
    record = AnswerRecord.objects.filter(attempt=attempt).first()
    assert record is not None
    AnswerRecord.objects.filter(pk=record.pk).update(verdict="needs_review")
    answer = f"/admin/sessions_app/question/review/answers/{record.pk}/"
    assert console.get(answer).status_code == 200
    console.post(answer, {"verdict": "half"})
    record.refresh_from_db()
    assert (record.verdict, record.credit, record.reviewed_by) == ("partial", 0.5, staff)


QUEUE = "/admin/sessions_app/question/review/"


def test_the_queue_is_filtered_and_says_how_many_are_alike(staff: Any, question: Question) -> None:
    other = make_question(
        question.session, 2, kind="cloze", state="draft", stem="Cloze?", key={"type": "text", "accepted": ["x"]}
    )
    elsewhere = LearningSession.objects.create(owner=question.session.owner, title="Again")
    older = make_question(elsewhere, 3, state="draft")
    Question.objects.filter(pk=older.pk).update(fingerprint=other.fingerprint)
    console = console_client(staff)
    shown = {row["question"].pk: row["alike"] for row in console.get(QUEUE).context["questions"]}
    assert shown == {older.pk: 1, question.pk: 0}
    Question.objects.filter(pk=older.pk).delete()
    assert len(console.get(QUEUE).context["questions"]) == 2
    kept = console.get(QUEUE, {"kind": "cloze"}).context["questions"]
    assert [row["question"].pk for row in kept] == [other.pk]
    assert console.get(QUEUE, {"state": "nonsense"}).context["questions"] == []


def test_several_questions_are_decided_together_each_at_the_version_that_was_seen(
    staff: Any, question: Question
) -> None:
    stale = make_question(question.session, 2, state="quarantined", version=4)
    console = console_client(staff)
    ticked = [f"{question.pk}:1", f"{stale.pk}:3"]
    page = console.post(QUEUE, {"decision": "reject", "question": ticked, "reason": "No."}, follow=True)
    assert next(str(message) for message in page.context["messages"]) == "1 question rejected."
    assert "1 left as they were." in page.content.decode()
    states = dict(Question.objects.values_list("pk", "state"))
    assert states == {question.pk: "retired", stale.pk: "quarantined"}


@pytest.mark.parametrize("data", [{"decision": "explode"}, {"decision": "reject", "question": ["x"]}])
def test_a_bulk_decision_that_cannot_be_read_changes_nothing(staff: Any, question: Question, data: Any) -> None:
    assert console_client(staff).post(QUEUE, data).status_code == 404
    question.refresh_from_db()
    assert question.state == "quarantined"


def test_what_was_refused_stays_ticked_until_a_reason_is_given(staff: Any, question: Question) -> None:
    console, ticked = console_client(staff), f"{question.pk}:1"
    page = console.post(QUEUE, {"decision": "approve", "question": [ticked], "reason": ""})
    assert [row["ticked"] for row in page.context["questions"]] == [True]
    page = console.post(QUEUE, {"decision": "approve", "question": [ticked], "reason": "Fine."}, follow=True)
    assert [str(message) for message in page.context["messages"]] == ["1 question approved."]


def test_who_may_only_look_decides_nothing_in_the_queue(make_user: Any, question: Question) -> None:
    roles_seed()
    person = make_user("looker", is_staff=True)
    person.groups.add(Group.objects.get(name="viewer"))
    data = {"decision": "reject", "question": [f"{question.pk}:1"], "reason": "No."}
    assert console_client(person).post(QUEUE, data).status_code == 403
