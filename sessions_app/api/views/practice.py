"""Mastery, reviews and the export of the question bank."""

from __future__ import annotations

from statistics import fmean
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sessions_app.api.serializers.practice import (
    DueReviewListSerializer,
    MasterySerializer,
    ReadinessSerializer,
    ReviewAnswerSerializer,
    ReviewFeedbackSerializer,
)
from sessions_app.domain.concepts import concept_key
from sessions_app.errors import ExportFormatUnknown
from sessions_app.selectors import practice as selectors_practice
from sessions_app.selectors import sessions as selectors
from sessions_app.services.exports import FORMATS, questions_export
from sessions_app.services.mastery import beliefs
from sessions_app.services.quizzes import question_shown
from sessions_app.services.readiness import session_readiness
from sessions_app.services.reviews import review_answer, review_shown
from tutor_project.common.api.authentication import user_id
from tutor_project.common.api.idempotency import idempotent
from tutor_project.common.api.queries import uuid_asked


class SessionMasteryView(APIView):
    """What is believed about the learner's knowledge."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="sessions_mastery", responses=MasterySerializer, tags=["practice"])
    def get(self, request: Request, session_id: UUID) -> Response:
        """Return the mastery of each concept that the session has questions about, with its 90 % interval."""
        session = selectors.session_get(owner_id=user_id(request), session_id=session_id)
        due = selectors_practice.concept_due_times(owner_id=session.owner_id, session_id=session.pk)
        believed = beliefs(session_id=session.pk, owner_id=session.owner_id)
        concepts = [
            {
                "concept": belief.concept,
                "probability": belief.mastery.probability,
                "low": belief.mastery.low,
                "high": belief.mastery.high,
                "answers": belief.mastery.n,
                "mastered": belief.gate.passed,
                "mastered_at": belief.mastered_at,
                "right_in_a_row_needed": belief.gate.right_in_a_row_needed,
                "due_at": due.get(concept_key(belief.concept)),
                "level": belief.mastery.level,
            }
            for belief in believed
        ]
        overall = fmean(belief.mastery.probability for belief in believed) if believed else None
        mastered = sum(belief.gate.passed for belief in believed)
        body = {"session_id": session.pk, "concepts": concepts, "overall": overall, "mastered_concepts": mastered}
        return Response(MasterySerializer(body).data)


class SessionReadinessView(APIView):
    """How ready the learner is for the exam."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="sessions_readiness", responses=ReadinessSerializer, tags=["practice"])
    def get(self, request: Request, session_id: UUID) -> Response:
        """Return the expected share of marks on the day with its 90 % interval, per concept, and the reviews of each day before it."""
        session = selectors.session_get(owner_id=user_id(request), session_id=session_id)
        return Response(ReadinessSerializer(session_readiness(session=session)).data)


class ReviewsDueView(APIView):
    """The reviews of today."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="reviews_due",
        parameters=[OpenApiParameter("session", OpenApiTypes.UUID)],
        responses=DueReviewListSerializer,
        tags=["practice"],
    )
    def get(self, request: Request) -> Response:
        """Return what is due today, most urgent first, never more than the daily cap; keys stay sealed."""
        session_id = uuid_asked(request, "session")
        if session_id is not None:
            selectors.session_get(owner_id=user_id(request), session_id=session_id)
        rows = selectors_practice.reviews_due(owner_id=user_id(request), session_id=session_id)
        results = [
            review_shown(card, question_shown(card.question, index), waiting.recall_today)
            for index, (card, waiting) in enumerate(rows)
        ]
        return Response({"results": results, "next": None, "previous": None})


class ReviewAnswerView(APIView):
    """The answer to a review."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="reviews_answer",
        request=ReviewAnswerSerializer,
        responses={200: ReviewFeedbackSerializer},
        tags=["practice"],
    )
    @idempotent
    def post(self, request: Request, review_id: UUID) -> Response:
        """Grade the answer on the server; returns the feedback and when the question comes back."""
        card = selectors_practice.review_get(owner_id=user_id(request), review_id=review_id)
        serializer = ReviewAnswerSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        given = serializer.validated_data
        feedback = review_answer(
            card=card,
            option_id=given["option_id"],
            text=given["text"],
            seconds=given["time_taken_seconds"],
            hints_used=given["hints_used"],
        )
        return Response(feedback)


class _FormatByQuery(DefaultContentNegotiation):
    """The query parameter alone chooses the file format; a front end's ``Accept`` header does not refuse it."""

    def get_accept_list(self, request: Request) -> list[str]:
        """Accept whatever the chosen format is."""
        return ["*/*"]

    def filter_renderers(self, renderers: Any, format: Any) -> Any:
        """Return the renderer of the format; raises ExportFormatUnknown."""
        chosen = [renderer for renderer in renderers if renderer.format == format]
        if not chosen:
            raise ExportFormatUnknown(formats=", ".join(FORMATS), attr="format")
        return chosen


def _renderer(name: str) -> type[BaseRenderer]:
    """Return a renderer that stands for a file format in the negotiation; errors come out as JSON all the same."""
    described = {"media_type": FORMATS[name].media_type, "format": name}
    return type(f"{name.title()}FileRenderer", (_FileRenderer,), described)


class _FileRenderer(JSONRenderer):
    """Only errors get here: the file itself is an HttpResponse."""

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """Render an error as JSON and say so."""
        renderer_context["response"]["Content-Type"] = JSONRenderer.media_type
        return bytes(super().render(data, JSONRenderer.media_type, renderer_context))


class QuestionExportView(APIView):
    """The question bank as a file."""

    permission_classes = [IsAuthenticated]
    content_negotiation_class = _FormatByQuery
    renderer_classes = [_renderer(name) for name in FORMATS]

    @extend_schema(
        operation_id="sessions_questions_export",
        parameters=[OpenApiParameter("format", str, enum=list(FORMATS))],
        responses={(200, chosen.media_type): OpenApiTypes.BINARY for chosen in FORMATS.values()},
        tags=["practice"],
    )
    def get(self, request: Request, session_id: UUID) -> HttpResponse:
        """Return the answered questions of the session with their keys as an Anki deck, a table or a QTI package.

        Questions the learner has not answered yet stay sealed and are left out.
        """
        session = selectors.session_get(owner_id=user_id(request), session_id=session_id)
        name = request.accepted_renderer.format
        made = questions_export(session=session, name=name, sealed=not request.user.is_staff)
        response = HttpResponse(made.content, content_type=FORMATS[name].media_type)
        response["Content-Disposition"] = f'attachment; filename="{made.filename}"'
        return response
