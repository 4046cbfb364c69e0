"""Item analysis over stored answers: figures, retirement with its reason, and that a rerun changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from sessions_app.models import (
    AnswerRecord,
    LearningSession,
    Question,
    QuestionRevision,
    Quiz,
    QuizAttempt,
    QuizQuestion,
    ReviewCard,
)
from sessions_app.selectors.console import review_queue_length
from sessions_app.services.item_analysis import items_analyse
from sessions_app.services.review_queue import questions_waiting

pytestmark = pytest.mark.django_db

ATTEMPTS = 60


def question(session: LearningSession, number: int) -> Question:
    return Question.objects.create(
        owner_id=session.owner_id,
        session=session,
        kind="multiple_choice",
        stem=f"Question {number}?",
        options=[{"id": name, "text": name} for name in ("right", "near", "never")],
        key={"type": "choice", "option_id": "right"},
        engine="builtin",
        fingerprint=str(number),
        state=Question.State.PUBLISHED,
    )


@pytest.fixture
def answered(learner: Any) -> tuple[Quiz, list[Question]]:
    """A quiz of four questions in sixty attempts; the key of the last question is wrong."""
    session = LearningSession.objects.create(owner=learner, title="Cells")
    quiz = Quiz.objects.create(
        session=session,
        owner=learner,
        title="Quiz",
        difficulty="medium",
        passing_score=70,
        total_points=4,
        estimated_completion_time_minutes=5,
        requested_count=4,
    )
    questions = [question(session, number) for number in range(4)]
    QuizQuestion.objects.bulk_create(QuizQuestion(quiz=quiz, question=q, index=i) for i, q in enumerate(questions))
    for number in range(ATTEMPTS):
        attempt = QuizAttempt.objects.create(quiz=quiz, owner=learner, number=number, status="submitted")
        strong = number % 2 == 0
        for place, asked in enumerate(questions):
            lucky = (number * 7 + place * 3) % 5 == 0
            right = (strong != lucky) if place < 3 else (strong == lucky)
            AnswerRecord.objects.create(
                attempt=attempt,
                question=asked,
                owner=learner,
                session=session,
                option_id="right" if right else "near",
                verdict="correct" if right else "incorrect",
                credit=float(right),
                time_taken_seconds=10.0 + number % 3,
            )
    return quiz, questions


def test_figures_are_stored_and_a_wrong_key_retires_with_its_reason(answered: tuple[Quiz, list[Question]]) -> None:
    quiz, questions = answered
    result = items_analyse()
    assert (result.questions, result.quizzes, result.retired) == (4, 1, 1)
    rows = [Question.objects.get(pk=asked.pk) for asked in questions]
    assert [row.state for row in rows] == ["published"] * 3 + ["retired"]
    assert rows[3].retired_reason == "negative_discrimination"
    assert QuestionRevision.objects.get().after["retired_reason"] == "negative_discrimination"
    good = rows[0]
    assert (good.answer_count, good.facility) == (ATTEMPTS, 0.5)
    assert good.discrimination is not None
    assert good.discrimination > 0.1
    assert (good.difficulty, good.difficulty_measured) == ("hard", True)
    assert good.item_statistics["median_seconds"] == 11.0
    assert [use["dead"] for use in good.item_statistics["distractors"]] == [False, True]
    quiz.refresh_from_db()
    assert quiz.statistics["attempts"] == ATTEMPTS
    assert quiz.statistics["mean"] == pytest.approx(2.0)
    assert quiz.statistics["kr20"] == pytest.approx(quiz.statistics["cronbach_alpha"])


def test_a_bad_question_that_is_open_in_an_attempt_retires_after_it_was_handed_in(
    answered: tuple[Quiz, list[Question]],
) -> None:
    quiz, questions = answered
    attempt = QuizAttempt.objects.create(quiz=quiz, owner_id=quiz.owner_id, number=ATTEMPTS)
    assert items_analyse().retired == 0
    measured = Question.objects.get(pk=questions[3].pk)
    assert (measured.state, measured.answer_count) == ("published", ATTEMPTS)
    QuizAttempt.objects.filter(pk=attempt.pk).update(status="submitted")
    assert items_analyse().retired == 1


def test_a_rerun_changes_nothing_and_undecided_answers_do_not_count(answered: tuple[Quiz, list[Question]]) -> None:
    _, questions = answered
    items_analyse()
    before = Question.objects.filter(pk=questions[0].pk).values().get()
    attempt = QuizAttempt.objects.create(quiz=answered[0], owner_id=questions[0].owner_id, number=999)
    AnswerRecord.objects.create(
        attempt=attempt,
        question=questions[0],
        owner_id=questions[0].owner_id,
        session_id=questions[0].session_id,
        verdict="needs_review",
    )
    assert items_analyse().retired == 0
    after = Question.objects.filter(pk=questions[0].pk).values().get()
    assert {**before, "updated_at": None} == {**after, "updated_at": None}
    assert QuestionRevision.objects.count() == 1


def test_only_what_was_answered_since_then_is_analysed(answered: tuple[Quiz, list[Question]]) -> None:
    latest = AnswerRecord.objects.order_by("-updated_at").first()
    assert latest is not None
    assert items_analyse(since=latest.updated_at).questions == 1


def question_of(session: LearningSession, number: int, stem: str, **fields: Any) -> Question:
    return Question.objects.create(
        owner_id=session.owner_id, session=session, kind="short_answer", stem=stem,
        key={"type": "text", "accepted": ["mitochondrion"]}, concept="cell", engine="builtin",
        fingerprint=f"f{number}", state=fields.pop("state", Question.State.PUBLISHED), **fields,
    )  # fmt: skip


def test_a_question_that_nobody_answers_for_half_a_year_retires(learner: Any) -> None:
    session = LearningSession.objects.create(owner=learner, title="Cells")
    old = question_of(session, 1, "Which organelle makes the ATP of a cell?")
    answered = question_of(session, 2, "What surrounds the nucleus of every animal?")
    AnswerRecord.objects.create(question=answered, owner=learner, session=session, verdict="correct", credit=1.0)
    young = question_of(session, 3, "Where are proteins folded after translation?")
    Question.objects.exclude(pk=young.pk).update(created_at=timezone.now() - timedelta(days=181))
    assert items_analyse().unanswered == 1
    states = dict(Question.objects.values_list("pk", "state"))
    assert states == {old.pk: "retired", answered.pk: "published", young.pk: "published"}
    assert items_analyse().unanswered == 0


def test_an_unanswered_question_that_is_open_in_an_attempt_is_left_for_the_next_run(
    learner: Any, make_user: Any
) -> None:
    attempts = []
    for number, owner in enumerate((learner, make_user("second"))):
        session = LearningSession.objects.create(owner=owner, title="Cells")
        asked = question_of(session, number, "Which organelle makes the ATP of a cell?")
        quiz = Quiz.objects.create(
            session=session, owner=owner, title="Cells", difficulty="medium", passing_score=70, total_points=1,
            estimated_completion_time_minutes=5, requested_count=1,
        )  # fmt: skip
        QuizQuestion.objects.create(quiz=quiz, question=asked, index=0)
        attempts.append(QuizAttempt.objects.create(quiz=quiz, owner=owner, number=1))
    long_ago = timezone.now() - timedelta(days=181)
    Question.objects.update(created_at=long_ago)
    Quiz.objects.update(created_at=long_ago)
    assert items_analyse().unanswered == 0
    QuizAttempt.objects.filter(pk=attempts[1].pk).update(created_at=timezone.now() - timedelta(hours=25))
    assert items_analyse().unanswered == 1
    states = dict(Question.objects.values_list("fingerprint", "state"))
    assert states == {"f0": "published", "f1": "retired"}


def test_near_duplicates_of_two_courses_merge_but_never_those_of_two_learners(learner: Any, make_user: Any) -> None:
    first = LearningSession.objects.create(owner=learner, title="Cells")
    second = LearningSession.objects.create(owner=learner, title="Cells again")
    older = question_of(first, 1, "Which organelle makes the ATP of a cell?")
    twin = question_of(second, 2, "Which organelle of the cell makes ATP?")
    stranger = LearningSession.objects.create(owner=make_user("second"), title="Cells")
    theirs = question_of(stranger, 3, "Which organelle of the cell makes ATP?")
    card = ReviewCard.objects.create(owner=learner, session=second, question=twin, state={}, due_at=timezone.now())
    assert items_analyse().merged == 1
    states = dict(Question.objects.values_list("pk", "state"))
    assert states == {older.pk: "published", twin.pk: "retired", theirs.pk: "published"}
    card.refresh_from_db()
    assert (card.question_id, card.session_id) == (older.pk, first.pk)


def test_near_duplicates_of_a_course_merge_into_the_older_one_with_its_review(learner: Any) -> None:
    session = LearningSession.objects.create(owner=learner, title="Cells")
    older = question_of(session, 1, "Which organelle makes the ATP of a cell?")
    twin = question_of(session, 2, "Which organelle of the cell makes ATP?")
    other = question_of(session, 3, "Where are proteins folded after translation?")
    due = timezone.now()
    card = ReviewCard.objects.create(owner=learner, session=session, question=twin, state={}, due_at=due)
    assert items_analyse().merged == 1
    states = dict(Question.objects.values_list("pk", "state"))
    assert states == {older.pk: "published", twin.pk: "retired", other.pk: "published"}
    card.refresh_from_db()
    assert card.question_id == older.pk
    assert items_analyse().merged == 0


def test_the_reviewers_queue_shows_one_of_a_family(learner: Any, make_user: Any) -> None:
    for owner in (learner, make_user("second")):
        session = LearningSession.objects.create(owner=owner, title="Cells")
        question_of(session, 1, "Which organelle makes the ATP of a cell?", state=Question.State.QUARANTINED)
    question_of(session, 2, "Where are proteins folded?", state=Question.State.QUARANTINED)
    assert [row.fingerprint for row in questions_waiting()] == ["f2", "f1"]
    assert review_queue_length() == 2
