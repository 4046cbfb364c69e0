"""Figures of one session and of one user."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analytics_app.api.scope import asked_range, session_visible, user_visible
from analytics_app.api.serializers import facts as shapes
from analytics_app.api.views.reports import RANGE
from analytics_app.selectors.people import session_figures, user_figures
from analytics_app.services.recorder import facts_flush
from analytics_app.services.session_analytics import session_analytics_of_user, session_analytics_update


class SessionProcessView(APIView):
    """Processing a session's analytics."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="sessions_analytics_process",
        request=None,
        responses=shapes.SessionProcessOutput,
        tags=["sessions"],
    )
    def post(self, request: Request, session_id: UUID) -> Response:
        """Compute the session's figures now and return them."""
        session_visible(request, session_id)
        facts_flush()
        figures = session_figures(session_analytics_update(session_id=session_id))
        return Response(shapes.SessionProcessOutput(figures).data)


class SessionAnalyticsView(APIView):
    """A session's analytics."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="sessions_analytics_retrieve", responses=shapes.SessionFiguresOutput, tags=["sessions"])
    def get(self, request: Request, session_id: UUID) -> Response:
        """Return the session's figures as they are now."""
        return self._computed(request, session_id)

    @extend_schema(
        operation_id="sessions_analytics_update",
        request=None,
        responses=shapes.SessionFiguresOutput,
        tags=["sessions"],
    )
    def patch(self, request: Request, session_id: UUID) -> Response:
        """Compute the session's figures anew; they come from its facts, never from the caller."""
        return self._computed(request, session_id)

    def _computed(self, request: Request, session_id: UUID) -> Response:
        session_visible(request, session_id)
        facts_flush()
        figures = session_figures(session_analytics_update(session_id=session_id))
        return Response(shapes.SessionFiguresOutput(figures).data)


class UserAnalyticsView(APIView):
    """A user's analytics."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="users_analytics_retrieve",
        parameters=[OpenApiParameter("user_id", str, OpenApiParameter.PATH, description="An id or `me`."), *RANGE],
        responses=shapes.UserFiguresOutput,
        tags=["analytics"],
    )
    def get(self, request: Request, user_id: str) -> Response:
        """Totals over all of a user's sessions, and a series by day; anybody's for staff, else one's own."""
        whose = user_visible(request, user_id)
        span = asked_range(request, default="7d")
        facts_flush()
        session_analytics_of_user(user_id=whose)
        return Response(user_figures(span.start, span.end, user_id=whose))
