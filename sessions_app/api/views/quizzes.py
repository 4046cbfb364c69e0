"""Quizzes and attempts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sessions_app.api.serializers.quizzes import (
    MAX_QUESTIONS,
    AssessedAnswerSerializer,
    AttemptBeginSerializer,
    AttemptDraftSerializer,
    AttemptSerializer,
    IndexedSubmissionSerializer,
    QuizFeedbackSerializer,
    QuizRequestSerializer,
    QuizSerializer,
    SelfAssessmentSerializer,
    SubmissionSerializer,
)
from sessions_app.api.writing import written
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.errors import QuizNotFound
from sessions_app.models import LearningSession, Quiz
from sessions_app.selectors import sessions as selectors
from sessions_app.services import attempts
from sessions_app.services import quizzes as services
from sessions_app.services.engines import quizzes_by_model
from sessions_app.services.sessions import ensure_active
from tutor_project.common.api.authentication import user_id
from tutor_project.common.api.idempotency import idempotent
from tutor_project.common.api.prefer import JobAcceptedSerializer


class SessionQuizView(APIView):
    """The latest quiz of a session, and new ones."""

    permission_classes = [IsAuthenticated]
    throttle_scope = "generate"

    @staticmethod
    def throttle_price(request: Request) -> int:
        """Let fifty questions count for more than five."""
        data = request.data if isinstance(request.data, dict) else {}
        asked = data.get("question_count", data.get("questionCount", 0))
        return 1 + (asked // 10 if isinstance(asked, int) and 0 < asked <= MAX_QUESTIONS else 0)

    @extend_schema(operation_id="sessions_quiz", responses=QuizSerializer(allow_null=True), tags=["quizzes"])
    def get(self, request: Request, session_id: UUID) -> Response:
        """Return the latest quiz without keys, or null."""
        session = selectors.session_get(owner_id=user_id(request), session_id=session_id)
        quiz = selectors.quiz_list(owner_id=user_id(request), session_id=session.pk).order_by("-id").first()
        return Response(services.quiz_shown(quiz) if quiz is not None else None)

    @extend_schema(
        operation_id="sessions_quiz_generate",
        request=QuizRequestSerializer,
        responses={201: QuizSerializer, 202: JobAcceptedSerializer},
        tags=["quizzes"],
    )
    @idempotent
    def post(self, request: Request, session_id: UUID) -> Any:
        """Make a quiz of verified questions; 202 with a job when asked for, before the analysis, and of long material."""
        session = selectors.session_get(owner_id=user_id(request), session_id=session_id)
        ensure_active(session)
        serializer = QuizRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        wanted = serializer.validated_data
        return written(
            request,
            session,
            "quiz_generation",
            wanted,
            by_model=quizzes_by_model(session),
            now=lambda: services.quiz_shown(_quiz(session, wanted)),
            made=services.quiz_made_shown,
            status=status.HTTP_201_CREATED,
        )


def _quiz(session: LearningSession, wanted: dict[str, Any]) -> Quiz:
    return services.quiz_generate(
        session=session,
        count=wanted["question_count"],
        topic=wanted["topic"],
        difficulty=wanted["difficulty"],
        kinds=[QuestionKind(kind) for kind in wanted["question_types"]] or None,
    )


class SessionQuizListView(generics.ListAPIView[Any]):
    """All quizzes of a session."""

    permission_classes = [IsAuthenticated]
    serializer_class = QuizSerializer
    queryset = Quiz.objects.none()

    def get_queryset(self) -> Any:
        """Return the quizzes of the caller's session."""
        session = selectors.session_get(owner_id=user_id(self.request), session_id=self.kwargs["session_id"])
        return selectors.quiz_list(owner_id=user_id(self.request), session_id=session.pk)

    @extend_schema(operation_id="sessions_quizzes", tags=["quizzes"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List quizzes, newest first, without keys."""
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response([services.quiz_shown(quiz) for quiz in page])


class QuizDetailView(APIView):
    """One quiz."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="quizzes_retrieve", responses=QuizSerializer, tags=["quizzes"])
    def get(self, request: Request, quiz_id: UUID) -> Response:
        """Return the quiz without keys."""
        return Response(services.quiz_shown(selectors.quiz_get(owner_id=user_id(request), quiz_id=quiz_id)))


class QuizAttemptsView(APIView):
    """Attempts at a quiz."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="quizzes_attempts", responses=AttemptSerializer(many=True), tags=["quizzes"])
    def get(self, request: Request, quiz_id: UUID) -> Response:
        """List the caller's attempts, newest first."""
        quiz = selectors.quiz_get(owner_id=user_id(request), quiz_id=quiz_id)
        return Response(AttemptSerializer(quiz.attempts.order_by("-number"), many=True).data)

    @extend_schema(
        operation_id="quizzes_attempt_begin",
        request=AttemptBeginSerializer,
        responses={201: AttemptSerializer},
        tags=["quizzes"],
    )
    @idempotent
    def post(self, request: Request, quiz_id: UUID) -> Response:
        """Begin a new attempt, or return the open one; ``only_missed``: with the questions not yet answered rightly."""
        quiz = selectors.quiz_get(owner_id=user_id(request), quiz_id=quiz_id)
        serializer = AttemptBeginSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        attempt = attempts.attempt_begin(quiz=quiz, only_missed=serializer.validated_data["only_missed"])
        return Response(AttemptSerializer(attempt).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="quizzes_attempt_save",
        request=AttemptDraftSerializer,
        responses=AttemptSerializer,
        tags=["quizzes"],
    )
    def patch(self, request: Request, quiz_id: UUID) -> Response:
        """Keep answers in progress in the open attempt."""
        quiz = selectors.quiz_get(owner_id=user_id(request), quiz_id=quiz_id)
        serializer = AttemptDraftSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        attempt = attempts.attempt_save_draft(quiz=quiz, answers=_answers(serializer.validated_data["answers"]))
        return Response(AttemptSerializer(attempt).data)


def _answers(rows: list[dict[str, Any]]) -> list[attempts.SubmittedAnswer]:
    return [attempts.SubmittedAnswer(row["question_id"], row["option_id"], row["text"]) for row in rows]


class QuizSubmitView(APIView):
    """The submission of an attempt."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="quizzes_submit",
        request=SubmissionSerializer,
        responses={200: QuizFeedbackSerializer},
        tags=["quizzes"],
    )
    @idempotent
    def post(self, request: Request, quiz_id: UUID) -> Response:
        """Grade the answers on the server; the same submission again returns the same attempt."""
        quiz = selectors.quiz_get(owner_id=user_id(request), quiz_id=quiz_id)
        serializer = SubmissionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        attempt = attempts.attempt_submit(
            quiz=quiz,
            answers=_answers(serializer.validated_data["answers"]),
            total_time_taken_seconds=serializer.validated_data["total_time_taken_seconds"],
        )
        return Response(attempt.result)


class SessionQuizSubmitView(APIView):
    """The submission by indexes, to the session's latest quiz."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="sessions_quiz_submit",
        request=IndexedSubmissionSerializer,
        responses={200: QuizFeedbackSerializer},
        tags=["quizzes"],
    )
    @idempotent
    def post(self, request: Request, session_id: UUID) -> Response:
        """Grade answers given as indexes of questions and options."""
        session = selectors.session_get(owner_id=user_id(request), session_id=session_id)
        serializer = IndexedSubmissionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        quizzes = selectors.quiz_list(owner_id=user_id(request), session_id=session.pk).order_by("-id")
        quiz = (quizzes.filter(title=data["quiz_title"]).first() if data["quiz_title"] else None) or quizzes.first()
        if quiz is None:
            raise QuizNotFound
        answers = attempts.answers_by_index(quiz=quiz, rows=data["user_answers"])
        return Response(attempts.attempt_submit(quiz=quiz, answers=answers).result)


class SelfAssessmentView(APIView):
    """The learner's own verdict on an answer that waits for a person."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="attempts_self_assessment",
        request=SelfAssessmentSerializer,
        responses={200: AssessedAnswerSerializer},
        tags=["quizzes"],
    )
    def post(self, request: Request, attempt_id: UUID, question_id: UUID) -> Response:
        """Keep the verdict, which counts half for mastery and never for the score; returns it with the expected answer and its evidence."""
        record = selectors.attempt_answer_get(owner_id=user_id(request), attempt_id=attempt_id, question_id=question_id)
        serializer = SelfAssessmentSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        assessed = attempts.answer_self_assess(record=record, correct=serializer.validated_data["correct"])
        return Response(AssessedAnswerSerializer(assessed).data)
