"""Taking facts in, and reading single ones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework import status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analytics_app.api.scope import (
    asked_text,
    figures_user,
    session_visible,
    sessions_writable,
    since_until,
)
from analytics_app.api.serializers import facts as shapes
from analytics_app.domain.errors import UnknownInterval
from analytics_app.selectors import events as selectors
from analytics_app.services.prices import price_table
from analytics_app.services.recorder import facts_flush, facts_record_batch
from tutor_project.common.api.idempotency import idempotent
from tutor_project.common.api.pagination import CreatedCursorPagination
from tutor_project.common.api.queries import uuid_asked
from tutor_project.common.errors import InvalidInput

AGGREGATES = {"count": None, "hour": "hour", "day": "day"}
SINCE_UNTIL = [
    OpenApiParameter("since", OpenApiTypes.DATETIME),
    OpenApiParameter("until", OpenApiTypes.DATETIME),
]
PAGE = [OpenApiParameter("cursor", str), OpenApiParameter("limit", int, description="1 to 100, default 20.")]


class FactCursorPagination(CreatedCursorPagination):
    """Newest first by the time things happened."""

    ordering: Any = ("-occurred_at", "-id")


def _object(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise InvalidInput("The body must be a JSON object.")
    return data


def _record(request: Request, kind: str, items: list[dict[str, Any]]) -> Response:
    sessions_writable(request, (item.get("session_id") for item in items))
    for item in items:
        for name in ("user_id", "reported"):
            if name in item:
                raise InvalidInput(f"{name} follows from who calls and cannot be sent.", attr=name)
    # What a learner's client says nobody can check: it is marked, and counts in the learner's own figures only.
    marked = [{**item, "reported": not request.user.is_staff} for item in items]
    report = facts_record_batch(kind=kind, items=marked, user_id=UUID(str(request.user.pk)))
    body = {"recorded": report.total, "repeated": report.repeated}
    return Response(body, status=status.HTTP_201_CREATED)


class ToolInvocationView(APIView):
    """Tool invocations."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="analytics_tool_invocations_create",
        request=shapes.ToolInvocationInput,
        responses={201: shapes.RecordedOutput},
        tags=["analytics"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Record one invocation of a tool."""
        return _record(request, "tool_invocation", [_object(request.data)])


class TokenUsageView(APIView):
    """Token usage."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="analytics_token_usage_create",
        request=shapes.TokenUsageInput,
        responses={201: shapes.TokenRecordedOutput},
        tags=["analytics"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Record the tokens of one model call; answers its cost, or null for a model without a price."""
        data = _object(request.data)
        response = _record(request, "token_usage", [data])
        cost = price_table().cost(data["model"], data["prompt_tokens"], data["completion_tokens"], datetime.now(UTC))
        response.data |= {"cost_usd": None if cost is None else float(cost), "price_known": cost is not None}
        return response


class EventView(APIView):
    """Generic events."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="analytics_events_create",
        request=shapes.EventBatchInput,
        responses={201: shapes.RecordedOutput},
        tags=["analytics"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Record one event, or up to 1,000 of them, all or none."""
        data = request.data
        if isinstance(data, dict):
            data = data.get("events", [data])
        if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
            raise InvalidInput("Send one event, or a list of events.", attr="events")
        return _record(request, "event", data)

    @extend_schema(
        operation_id="analytics_events_list",
        parameters=[
            OpenApiParameter("type", str),
            OpenApiParameter("session", OpenApiTypes.UUID),
            OpenApiParameter("user", str, description="Staff only: an id."),
            OpenApiParameter("aggregate", str, enum=list(AGGREGATES)),
            *SINCE_UNTIL,
            *PAGE,
        ],
        responses=PolymorphicProxySerializer(
            component_name="AnalyticsEvents",
            serializers=[shapes.EventPage, shapes.EventCountOutput],
            resource_type_field_name=None,
            many=False,
        ),
        tags=["analytics"],
    )
    def get(self, request: Request) -> Response:
        """List events, or count them with ``aggregate``; learners see their own."""
        facts_flush()
        user_id = figures_user(request)
        session_id = uuid_asked(request, "session")
        if session_id is not None:
            session_visible(request, session_id)
        event_type = asked_text(request, "type")
        aggregate = request.query_params.get("aggregate")
        span = since_until(request)
        if aggregate:
            if aggregate not in AGGREGATES:
                raise UnknownInterval(field="aggregate", known=", ".join(AGGREGATES), attr="aggregate")
            rows = selectors.event_counts(
                span.start,
                span.end,
                step=AGGREGATES[aggregate],
                user_id=user_id,
                event_type=event_type,
                session_ids=None if session_id is None else [session_id],
            )
            total = sum(row["count"] for row in rows)
            return Response({"aggregate": aggregate, "total": total, "results": rows})
        events = selectors.event_list(
            user_id=user_id, event_type=event_type, session_id=session_id, since=span.start, until=span.end
        )
        paginator = FactCursorPagination()
        page = paginator.paginate_queryset(events, request, view=self)
        return paginator.get_paginated_response(shapes.EventOutput(page, many=True).data)


class InteractionListView(APIView):
    """The interactions of a session."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="sessions_interactions_list",
        parameters=[OpenApiParameter("type", str), *SINCE_UNTIL, *PAGE],
        responses=shapes.InteractionPage,
        tags=["sessions"],
    )
    def get(self, request: Request, session_id: UUID) -> Response:
        """List the session's interactions that are still kept, newest first (cursor)."""
        session_visible(request, session_id)
        facts_flush()
        span = since_until(request) if {"since", "until"} & request.query_params.keys() else None
        interactions = selectors.interaction_list(
            session_id=session_id,
            interaction_type=asked_text(request, "type"),
            since=span.start if span else None,
            until=span.end if span else None,
        )
        paginator = FactCursorPagination()
        page = paginator.paginate_queryset(interactions, request, view=self)
        return paginator.get_paginated_response(shapes.InteractionOutput(page, many=True).data)
