"""The review queue, for staff with the teacher's permissions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sessions_app.api.serializers.review import (
    AnswerDecisionSerializer,
    QuestionDecisionSerializer,
    RegradeRequestSerializer,
    RegradeSerializer,
    ReviewedAnswerSerializer,
    ReviewedQuestionSerializer,
    ReviewQueueSerializer,
)
from sessions_app.services.regrading import question_regrade
from sessions_app.services.review_queue import (
    answer_decide,
    answers_waiting,
    evidence_shown,
    question_approve,
    question_edit,
    question_quarantine,
    question_reject,
    questions_waiting,
)
from tutor_project.common.api.idempotency import idempotent
from tutor_project.common.console.audit import action_record

LONGEST = 100


class IsTeacher(IsAdminUser):
    """Staff with the permissions of the role teacher."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Tell whether the caller reviews questions and answers."""
        needed = ["sessions_app.change_question", "sessions_app.change_answerrecord"]
        return super().has_permission(request, view) and bool(request.user.has_perms(needed))


class ReviewQueueView(APIView):
    """What waits for a person."""

    permission_classes = [IsTeacher]

    @extend_schema(operation_id="review_queue", responses=ReviewQueueSerializer, tags=["review"])
    def get(self, request: Request) -> Response:
        """Return the questions and answers that wait, the newest first."""
        body = {"questions": questions_waiting()[:LONGEST], "answers": answers_waiting()[:LONGEST]}
        return Response(ReviewQueueSerializer(body).data)


class QuestionDecisionView(APIView):
    """A decision on a question."""

    permission_classes = [IsTeacher]

    @extend_schema(
        operation_id="review_queue_decide_question",
        request=QuestionDecisionSerializer,
        responses={200: ReviewedQuestionSerializer},
        tags=["review"],
    )
    @idempotent
    def post(self, request: Request, question_id: UUID) -> Response:
        """Approve, edit, reject or quarantine the question at the version that was looked at."""
        serializer = QuestionDecisionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        given = serializer.validated_data
        shared: dict[str, Any] = {
            "question_id": question_id,
            "expected_version": given["version"],
            "user": request.user,
            "reason": given["reason"],
        }
        match given["decision"]:
            case "approve":
                question = question_approve(**shared)
            case "edit":
                question = question_edit(**shared, changes=given["changes"])
            case "reject":
                question = question_reject(**shared)
            case _:
                question = question_quarantine(**shared)
        action_record(user=request.user, target=question, message=f"Review: {given['decision']}. {given['reason']}")
        question.shown_evidence = evidence_shown(question=question)  # type: ignore[attr-defined]
        return Response(ReviewedQuestionSerializer(question).data)


class AnswerDecisionView(APIView):
    """A decision on an answer that grading was not sure about."""

    permission_classes = [IsTeacher]

    @extend_schema(
        operation_id="review_queue_decide_answer",
        request=AnswerDecisionSerializer,
        responses={200: ReviewedAnswerSerializer},
        tags=["review"],
    )
    @idempotent
    def post(self, request: Request, answer_id: UUID) -> Response:
        """Decide the answer; the attempt's score and the mastery follow."""
        serializer = AnswerDecisionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        answer = answer_decide(answer_id=answer_id, user=request.user, **serializer.validated_data)
        action_record(user=request.user, target=answer, message=f"Decided: {answer.verdict}.")
        return Response(ReviewedAnswerSerializer(answer).data)


class QuestionRegradeView(APIView):
    """Grades by the present key."""

    permission_classes = [IsTeacher]

    @extend_schema(
        operation_id="questions_regrade",
        request=RegradeRequestSerializer,
        responses={200: RegradeSerializer},
        tags=["review"],
    )
    @idempotent
    def post(self, request: Request, question_id: UUID) -> Response:
        """List whose score changes under the present key; with ``apply`` write it."""
        serializer = RegradeRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        regrade = question_regrade(question_id=question_id, user=request.user, **serializer.validated_data)
        return Response(RegradeSerializer(regrade.as_dict()).data)
