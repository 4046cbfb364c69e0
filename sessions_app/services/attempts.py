"""Attempts at a quiz: begun on purpose, kept as drafts, submitted once, graded on the server.

The first attempt that is handed in counts; later ones, at questions whose answers were shown, are practice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from jobs_app.services.creation import job_create
from sessions_app.domain.grading.attempt import GradedItem, attempt_feedback
from sessions_app.domain.grading.types import Grade, GradeVerdict
from sessions_app.errors import (
    AnswerNotWaiting,
    AttemptClosed,
    AttemptsExhausted,
    NothingMissed,
    OptionUnknown,
    QuestionNotInQuiz,
    TeacherReviews,
)
from sessions_app.models import AnswerRecord, LearningSession, Question, Quiz, QuizAttempt, QuizQuestion
from sessions_app.selectors.practice import teacher_reviews
from sessions_app.services.bank import candidate_of
from sessions_app.services.cards import cards_review
from sessions_app.services.engines import gateway_of_judge
from sessions_app.services.grading import AnswerGrader, answer_grader
from sessions_app.services.learning_record import answers_recorded
from sessions_app.services.mastery import HALF, mastery_refresh
from sessions_app.services.spoken import spoken_language
from tutor_project.common import runtime
from tutor_project.common.text import sanitize
from tutor_project.language import language


@dataclass(frozen=True, slots=True)
class SubmittedAnswer:
    """An answer as it came: an option or a text."""

    question_id: UUID
    option_id: str = ""
    text: str = ""


def attempts_allowed() -> int:
    """Return how many attempts a quiz allows; 0 for as many as one likes."""
    return runtime.get_int("QUIZ_ATTEMPTS_ALLOWED")


@transaction.atomic
def attempt_begin(*, quiz: Quiz, only_missed: bool = False) -> QuizAttempt:
    """Return the open attempt at the quiz, or begin a new one; ``only_missed``: with the questions not yet answered rightly.

    Raises AttemptsExhausted, and NothingMissed where every question has been answered rightly.
    """
    Quiz.objects.select_for_update().get(pk=quiz.pk)
    attempts = QuizAttempt.objects.filter(quiz=quiz, owner_id=quiz.owner_id)
    attempt = attempts.filter(status=QuizAttempt.Status.OPEN).first()
    if attempt is not None:
        return attempt
    number = attempts.count() + 1
    allowed = attempts_allowed()
    if allowed and number > allowed:
        raise AttemptsExhausted(allowed=allowed)
    wanted = _missed(quiz) if only_missed and number > 1 else []
    return QuizAttempt.objects.create(quiz=quiz, owner_id=quiz.owner_id, number=number, question_ids=wanted)


def _missed(quiz: Quiz) -> list[UUID]:
    """The quiz's questions that no attempt has answered rightly, in order; raises NothingMissed."""
    right = AnswerRecord.objects.filter(
        attempt__quiz=quiz, owner_id=quiz.owner_id, verdict=AnswerRecord.Verdict.CORRECT
    ).values("question_id")
    items = QuizQuestion.objects.filter(quiz=quiz).exclude(question_id__in=right).order_by("index")
    missed = list(items.values_list("question_id", flat=True))
    if not missed:
        raise NothingMissed
    return missed


@transaction.atomic
def attempt_save_draft(*, quiz: Quiz, answers: Sequence[SubmittedAnswer]) -> QuizAttempt:
    """Keep answers in progress in the open attempt, or in a first one.

    After a submission a new attempt is begun on purpose, never by a late save. Raises AttemptClosed, QuestionNotInQuiz,
    OptionUnknown; nothing is begun then.
    """
    Quiz.objects.select_for_update().get(pk=quiz.pk)
    attempts = QuizAttempt.objects.select_for_update().filter(quiz=quiz, owner_id=quiz.owner_id)
    attempt = attempts.filter(status=QuizAttempt.Status.OPEN).first()
    if attempt is None:
        if attempts.exists():
            raise AttemptClosed
        attempt = attempt_begin(quiz=quiz)
    _checked(answers, _questions(attempt))
    attempt.draft = {
        **attempt.draft,
        **{str(a.question_id): {"option_id": a.option_id, "text": a.text} for a in answers},
    }
    attempt.save(update_fields=["draft", "updated_at"])
    return attempt


def attempt_submit(
    *, quiz: Quiz, answers: Sequence[SubmittedAnswer], total_time_taken_seconds: float | None = None
) -> QuizAttempt:
    """Grade the open attempt (or a first one) and return it with its feedback.

    The same answers again return the same attempt; other answers after a submission raise AttemptClosed, because a new
    attempt is begun on purpose. Raises QuestionNotInQuiz and OptionUnknown before anything is written.
    """
    _checked(answers, _all_questions(quiz))
    digest = _submission_hash(answers)
    grader = answer_grader(session_id=quiz.session_id)
    with transaction.atomic():
        Quiz.objects.select_for_update().get(pk=quiz.pk)
        attempts = QuizAttempt.objects.filter(quiz=quiz, owner_id=quiz.owner_id)
        attempt = attempts.filter(status=QuizAttempt.Status.OPEN).first()
        if attempt is None:
            submitted = attempts.filter(status=QuizAttempt.Status.SUBMITTED).order_by("-number").first()
            if submitted is not None:
                if submitted.submission_hash == digest:
                    return submitted
                raise AttemptClosed
            attempt = attempt_begin(quiz=quiz)
        questions = _questions(attempt)
        _checked(answers, questions)
        return _grade(attempt, questions, answers, digest, total_time_taken_seconds, grader)


def _grade(
    attempt: QuizAttempt,
    questions: Mapping[UUID, Question],
    answers: Sequence[SubmittedAnswer],
    digest: str,
    seconds: float | None,
    grader: AnswerGrader,
) -> QuizAttempt:
    given = {UUID(key): SubmittedAnswer(UUID(key), **value) for key, value in attempt.draft.items()}
    given |= {answer.question_id: answer for answer in answers}
    records, items = [], []
    for question in questions.values():
        answer = given.get(question.pk, SubmittedAnswer(question.pk))
        candidate = candidate_of(question)
        grade = grader(candidate, option_id=answer.option_id, text=answer.text)
        chosen = candidate.option(answer.option_id)
        items.append(GradedItem.of(candidate, chosen.text if chosen else answer.text, grade))
        records.append(
            AnswerRecord(
                attempt=attempt,
                question=question,
                owner_id=attempt.owner_id,
                session_id=question.session_id,
                option_id=answer.option_id,
                text=sanitize(answer.text),
                verdict=stored_verdict(grade),
                credit=grade.credit,
                reason=grade.words,
            )
        )
    AnswerRecord.objects.bulk_create(records)
    attempt.language = spoken_language().tag
    result = attempt_result(attempt, items, records)
    attempt.status = QuizAttempt.Status.SUBMITTED
    attempt.submission_hash = digest
    attempt.submitted_at = timezone.now()
    attempt.total_time_taken_seconds = seconds
    attempt.result = result
    attempt.score_percentage = result["score_percentage"]
    attempt.correct_answers = result["correct_answers"]
    attempt.needs_review_count = sum(record.verdict == AnswerRecord.Verdict.NEEDS_REVIEW for record in records)
    attempt.passed = result["passed"]
    attempt.draft = {}
    attempt.save()
    answers_recorded(attempt=attempt, records=records)
    if attempt.needs_review_count and gateway_of_judge() is not None:
        job_create(
            job_type="answers_marking",
            job_data={"attempt_id": str(attempt.pk)},
            owner_id=attempt.owner_id,
            dedupe_key=f"marking:{attempt.pk}",
        )
    return attempt


def stored_verdict(grade: Grade) -> str:
    """Return the stored verdict: partial credit that is certain has a name of its own."""
    if not grade.correct and grade.verdict is GradeVerdict.INCORRECT and grade.credit > 0:
        return AnswerRecord.Verdict.PARTIAL.value
    return grade.verdict.value


def attempt_result(
    attempt: QuizAttempt, items: Sequence[GradedItem], records: Sequence[AnswerRecord]
) -> dict[str, Any]:
    """Return the feedback on an attempt as stored and shown: which attempt counts, and nothing about what was left blank
    as long as another attempt is allowed."""
    quiz = attempt.quiz
    feedback = attempt_feedback(
        items,
        quiz_title=quiz.title,
        passing_score=quiz.passing_score,
        blanks_sealed=_another_allowed(attempt),
        tongue=language(attempt.language),
    ).as_dict()
    for shown, record in zip(feedback["feedback_items"], records, strict=True):
        shown["question_id"] = str(record.question_id)
        if record.self_assessed is not None:
            shown["self_assessed"] = record.self_assessed
    counting = _counting(attempt)
    allowed = attempts_allowed()
    return {
        "attempt_id": str(attempt.pk),
        "quiz_id": str(quiz.pk),
        "attempt_number": attempt.number,
        "counting_attempt_id": str(counting.pk),
        "counts": counting.pk == attempt.pk,
        "attempts_left": max(0, allowed - attempt.number) if allowed else None,
        **feedback,
    }


def _another_allowed(attempt: QuizAttempt) -> bool:
    allowed = attempts_allowed()
    return not allowed or attempt.number < allowed


def _counting(attempt: QuizAttempt) -> QuizAttempt:
    """The attempt at the same quiz that counts: the first one handed in."""
    handed_in = QuizAttempt.objects.filter(
        quiz_id=attempt.quiz_id, owner_id=attempt.owner_id, status=QuizAttempt.Status.SUBMITTED
    )
    return handed_in.order_by("number").first() or attempt


def _questions(attempt: QuizAttempt) -> dict[UUID, Question]:
    """The questions of an attempt in order: all of the quiz, or the ones that were missed."""
    questions = _all_questions(attempt.quiz)
    wanted = set(attempt.question_ids)
    return {pk: question for pk, question in questions.items() if not wanted or pk in wanted}


def _all_questions(quiz: Quiz) -> dict[UUID, Question]:
    items = QuizQuestion.objects.filter(quiz=quiz).select_related("question").order_by("index")
    return {item.question_id: item.question for item in items}


def _checked(answers: Sequence[SubmittedAnswer], questions: Mapping[UUID, Question]) -> None:
    for answer in answers:
        question = questions.get(answer.question_id)
        if question is None:
            raise QuestionNotInQuiz(question=answer.question_id, attr="answers")
        if answer.option_id and answer.option_id not in {option["id"] for option in question.options}:
            raise OptionUnknown(question=answer.question_id, attr="answers")


def _submission_hash(answers: Sequence[SubmittedAnswer]) -> str:
    rows = sorted((str(answer.question_id), answer.option_id, answer.text) for answer in answers)
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def answers_by_index(*, quiz: Quiz, rows: Sequence[Mapping[str, int]]) -> list[SubmittedAnswer]:
    """Return answers that name question and option by index as answers by id; raises QuestionNotInQuiz or OptionUnknown."""
    items = {item.index: item.question for item in quiz.items.all()}
    answers = []
    for row in rows:
        question = items.get(row["question_index"])
        if question is None:
            raise QuestionNotInQuiz(question=row["question_index"], attr="user_answers")
        if row["selected_option_index"] >= len(question.options):
            raise OptionUnknown(question=row["question_index"], attr="user_answers")
        answers.append(SubmittedAnswer(question.pk, question.options[row["selected_option_index"]]["id"]))
    return answers


def _keep_in_result(attempt: QuizAttempt, answer: AnswerRecord) -> None:
    """Write into the stored feedback what the learner said, for whoever reads it again."""
    for item in attempt.result["feedback_items"] if attempt.result else ():
        if item["question_id"] == str(answer.question_id):
            item["self_assessed"] = answer.self_assessed
    attempt.save(update_fields=["result", "updated_at"])


@transaction.atomic
def answer_self_assess(*, record: AnswerRecord, correct: bool) -> dict[str, Any]:
    """Keep the learner's own verdict on an answer that waits for a person, and return it with the expected answer.

    It counts half for mastery and moves the review, and never the score. Saying it again replaces it. Raises AnswerNotWaiting, and
    TeacherReviews where somebody works the queue of waiting answers.
    """
    LearningSession.objects.select_for_update().get(pk=record.session_id)
    attempt = QuizAttempt.objects.select_for_update().get(pk=str(record.attempt_id))
    answer = AnswerRecord.objects.select_for_update(of=("self",)).select_related("question").get(pk=record.pk)
    if answer.verdict != AnswerRecord.Verdict.NEEDS_REVIEW:
        raise AnswerNotWaiting(verdict=answer.verdict)
    if teacher_reviews(owner_id=answer.owner_id):
        raise TeacherReviews
    first = answer.self_assessed is None
    answer.self_assessed = correct
    answer.save(update_fields=["self_assessed", "updated_at"])
    _keep_in_result(attempt, answer)
    if first:
        cards_review(owner_id=answer.owner_id, records=[answer], at=timezone.now())
    mastery_refresh(session_id=answer.session_id)
    question = candidate_of(answer.question)
    citation = question.evidence[0] if question.evidence else None
    return {
        "attempt_id": answer.attempt_id,
        "question_id": answer.question_id,
        "verdict": answer.verdict,
        "self_assessed": correct,
        "counts": HALF,
        "correct_option": question.key_text,
        "explanation": question.explanation,
        "citation": citation.as_dict() if citation else None,
    }
