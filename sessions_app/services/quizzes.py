"""Quizzes: made of published questions, graded on the server, each attempt submitted once (rows B7, B13, G4)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from documents_app.services.analysis import analysis_load, ensure_material
from sessions_app.domain.grading.attempt import GradedItem, attempt_feedback
from sessions_app.domain.grading.types import Grade, GradeVerdict
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.engine.plan import sections_about
from sessions_app.errors import (
    AttemptClosed,
    NoVerifiedQuestions,
    OptionUnknown,
    QuestionNotInQuiz,
)
from sessions_app.models import AnswerRecord, LearningSession, Question, Quiz, QuizAttempt, QuizQuestion
from sessions_app.services.bank import candidate_of, questions_provide
from sessions_app.services.engines import AnswerGrader, answer_grader
from sessions_app.services.learning_record import answers_recorded
from tutor_project.common import events, runtime
from tutor_project.common.text import sanitize

SECONDS_A_QUESTION = {"multiple_choice": 60, "true_false": 30, "cloze": 60, "short_answer": 75, "numeric": 90}


@dataclass(frozen=True, slots=True)
class SubmittedAnswer:
    """An answer as it came: an option or a text."""

    question_id: UUID
    option_id: str = ""
    text: str = ""


def quiz_generate(
    *,
    session: LearningSession,
    count: int = 10,
    topic: str = "",
    difficulty: str | None = None,
    kinds: Collection[QuestionKind] | None = None,
    generation_key: str | None = None,
) -> Quiz:
    """Make a quiz of up to ``count`` verified questions; with a ``generation_key`` twice is once.

    Raises NoMaterial, MaterialProcessing, TopicNotInMaterial, NoVerifiedQuestions.
    """
    if generation_key is not None:
        made = Quiz.objects.filter(session=session, generation_key=generation_key).first()
        if made is not None:
            return made
    material = ensure_material(session_id=session.pk)
    analysis = analysis_load(session_id=session.pk, material=material)
    questions = questions_provide(
        session=session,
        material=material,
        analysis=analysis,
        count=count,
        topic=topic,
        difficulty=difficulty,
        kinds=kinds,
    )
    if not questions:
        sections_about(analysis, topic)  # raises where the material does not deal with the topic
        raise NoVerifiedQuestions
    return _quiz_store(session, questions, count, topic, difficulty, generation_key)


@transaction.atomic
def _quiz_store(
    session: LearningSession,
    questions: Sequence[Question],
    count: int,
    topic: str,
    difficulty: str | None,
    generation_key: str | None,
) -> Quiz:
    seconds = sum(SECONDS_A_QUESTION.get(question.kind, 60) for question in questions)
    subject = topic or session.title
    quiz = Quiz.objects.create(
        session=session,
        owner_id=session.owner_id,
        title=f"Quiz: {subject}"[:300],
        description=_description(len(questions), count, topic),
        topic=topic,
        difficulty=difficulty or "medium",
        passing_score=runtime.get_int("QUIZ_PASSING_SCORE"),
        total_points=sum(question.points for question in questions),
        estimated_completion_time_minutes=max(1, round(seconds / 60)),
        requested_count=count,
        engine=questions[0].engine,
        generation_key=generation_key,
    )
    QuizQuestion.objects.bulk_create(
        [QuizQuestion(quiz=quiz, question=question, index=index) for index, question in enumerate(questions)]
    )
    events.record("event", event_type="quiz_generated", user_id=session.owner_id, session_id=session.pk)
    return quiz


def _description(made: int, asked: int, topic: str) -> str:
    about = f" about {topic}" if topic else ""
    text = f"{made} verified question{'s' if made != 1 else ''}{about}, each with its evidence in your material."
    if made < asked:
        text += f" You asked for {asked}; the material holds no more questions that pass verification."
    return text


@transaction.atomic
def attempt_begin(*, quiz: Quiz) -> QuizAttempt:
    """Return the open attempt at the quiz, or begin a new one."""
    Quiz.objects.select_for_update().get(pk=quiz.pk)
    attempt = QuizAttempt.objects.filter(quiz=quiz, owner_id=quiz.owner_id, status="open").first()
    if attempt is not None:
        return attempt
    number = QuizAttempt.objects.filter(quiz=quiz, owner_id=quiz.owner_id).count() + 1
    return QuizAttempt.objects.create(quiz=quiz, owner_id=quiz.owner_id, number=number)


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
    _checked(answers, _questions(attempt.quiz))
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
    questions = _questions(quiz)
    _checked(answers, questions)
    digest = _submission_hash(answers)
    grader = answer_grader(session_id=quiz.session_id)
    with transaction.atomic():
        Quiz.objects.select_for_update().get(pk=quiz.pk)
        attempts = QuizAttempt.objects.filter(quiz=quiz, owner_id=quiz.owner_id)
        attempt = attempts.filter(status="open").first()
        if attempt is None:
            submitted = attempts.filter(status="submitted").order_by("-number").first()
            if submitted is not None:
                if submitted.submission_hash == digest:
                    return submitted
                raise AttemptClosed
            attempt = attempt_begin(quiz=quiz)
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
        items.append(GradedItem(candidate, chosen.text if chosen else answer.text, grade))
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
                reason=grade.reason[:300],
            )
        )
    AnswerRecord.objects.bulk_create(records)
    result = _result(attempt, items, records)
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
    return attempt


def stored_verdict(grade: Grade) -> str:
    """Return the stored verdict: partial credit that is certain has a name of its own."""
    if not grade.correct and grade.verdict is GradeVerdict.INCORRECT and grade.credit > 0:
        return AnswerRecord.Verdict.PARTIAL.value
    return grade.verdict.value


def _result(attempt: QuizAttempt, items: Sequence[GradedItem], records: Sequence[AnswerRecord]) -> dict[str, Any]:
    quiz = attempt.quiz
    feedback = attempt_feedback(items, quiz_title=quiz.title, passing_score=quiz.passing_score).as_dict()
    for shown, record in zip(feedback["feedback_items"], records, strict=True):
        shown["question_id"] = str(record.question_id)
    return {"attempt_id": str(attempt.pk), "quiz_id": str(quiz.pk), **feedback}


def _questions(quiz: Quiz) -> dict[UUID, Question]:
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


def quiz_shown(quiz: Quiz) -> dict[str, Any]:
    """Return the quiz without keys, explanations and evidence: what a learner may see before answering."""
    items = sorted(quiz.items.all(), key=lambda item: item.index)
    return {
        "id": str(quiz.pk),
        "session_id": str(quiz.session_id),
        "title": quiz.title,
        "description": quiz.description,
        "topic": quiz.topic,
        "difficulty": quiz.difficulty,
        "questions": [question_shown(item.question, item.index) for item in items],
        "passing_score": quiz.passing_score,
        "total_points": quiz.total_points,
        "estimated_completion_time_minutes": quiz.estimated_completion_time_minutes,
        "requested_count": quiz.requested_count,
        "created_at": quiz.created_at,
    }


def question_shown(question: Question, index: int) -> dict[str, Any]:
    """Return the sealed form of a question."""
    return {
        "id": str(question.pk),
        "index": index,
        "kind": question.kind,
        "question": question.stem,
        "options": [{"id": option["id"], "text": option["text"]} for option in question.options],
        "difficulty": question.difficulty,
        "related_section": question.related_section,
        "points": question.points,
    }


def answers_by_index(*, quiz: Quiz, rows: Sequence[Mapping[str, int]]) -> list[SubmittedAnswer]:
    """Translate ``question_index`` and ``selected_option_index``; raises QuestionNotInQuiz or OptionUnknown."""
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
