"""Quizzes: sets of published questions, shown without their keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction

from documents_app.services.analysis import study_load
from sessions_app.domain.questions.request import QuestionRequest
from sessions_app.domain.questions.types import DifficultyLevel, QuestionKind
from sessions_app.engine.plan import sections_about
from sessions_app.errors import NoVerifiedQuestions, QuizNotFound
from sessions_app.models import LearningSession, Question, Quiz, QuizQuestion
from sessions_app.services.bank import questions_provide
from sessions_app.services.question_writing import QuestionWriter
from tutor_project.common import events, runtime

SECONDS_A_QUESTION = {"multiple_choice": 60, "true_false": 30, "cloze": 60, "short_answer": 75, "numeric": 90}


def quiz_generate(
    *,
    session: LearningSession,
    count: int = 10,
    topic: str = "",
    difficulty: str | None = None,
    kinds: Collection[QuestionKind] | None = None,
    generation_key: str | None = None,
) -> Quiz:
    """Make a quiz of up to ``count`` verified questions; the same ``generation_key`` again returns the same quiz.

    Raises NoMaterial, MaterialProcessing, TopicNotInMaterial, NoVerifiedQuestions.
    """
    if generation_key is not None:
        made = Quiz.objects.filter(session=session, generation_key=generation_key).first()
        if made is not None:
            return made
    study = study_load(session_id=session.pk)
    writer = QuestionWriter(session.owner)
    request = QuestionRequest(
        count=count,
        topic=topic or None,
        difficulty=DifficultyLevel(difficulty) if difficulty else None,
        kinds=frozenset(kinds) if kinds else None,
    )
    questions = questions_provide(session=session, study=study, request=request, writer=writer)
    if not questions:
        sections_about(study.analysis, topic)  # raises where the material does not deal with the topic
        raise NoVerifiedQuestions
    return _quiz_store(session, questions, count, topic, difficulty, generation_key, writer.notice)


@transaction.atomic
def _quiz_store(
    session: LearningSession,
    questions: Sequence[Question],
    count: int,
    topic: str,
    difficulty: str | None,
    generation_key: str | None,
    notice: str | None,
) -> Quiz:
    seconds = sum(SECONDS_A_QUESTION.get(question.kind, 60) for question in questions)
    subject = topic or session.title
    quiz = Quiz.objects.create(
        session=session,
        owner_id=session.owner_id,
        title=f"Quiz: {subject}"[:300],
        description=_description(len(questions), count, topic, notice),
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


def _description(made: int, asked: int, topic: str, notice: str | None) -> str:
    about = f" about {topic}" if topic else ""
    text = f"{made} verified question{'s' if made != 1 else ''}{about}, each with its evidence in your material."
    if made < asked:
        text += f" You asked for {asked}; the material holds no more questions that pass verification."
    return f"{text} {notice}" if notice else text


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


def quiz_made_shown(result: dict[str, Any]) -> dict[str, Any]:
    """Return the quiz that a job has made, in the shape of the API; raises QuizNotFound when it is gone again."""
    quiz = Quiz.objects.filter(pk=result["quiz_id"]).first()
    if quiz is None:
        raise QuizNotFound
    return quiz_shown(quiz)


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
