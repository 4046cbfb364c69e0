"""Aggregated reports and cohort figures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import IsAdminUser, IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analytics_app.api.renderers import CSVRenderer
from analytics_app.api.scope import PERIODS, asked_range, asked_text, figures_user, period_range
from analytics_app.api.serializers import reports as shapes
from analytics_app.domain.errors import EstimateInvalid, UnknownInterval
from analytics_app.domain.facts import TOKENS_LIMIT
from analytics_app.domain.spend import Balance
from analytics_app.selectors import usage
from analytics_app.selectors.cohorts import REPORTS, cohort_report
from analytics_app.selectors.dashboard import dashboard, system_metrics
from analytics_app.selectors.spend import spend_estimate, spend_remaining, visible_balances
from analytics_app.services.live import PERIOD_SECONDS, live_snapshot
from sessions_app.selectors.sessions import folder_get
from tutor_project.common.api.queries import uuid_asked
from tutor_project.common.api.sse import EventStreamRenderer, StreamEvent, event_stream, last_event_id
from tutor_project.common.api.time_range import TimeRange
from tutor_project.common.coalescing import coalesced
from tutor_project.common.threads import in_thread

RANGE = [
    OpenApiParameter(
        "time_range", str, enum=["1h", "24h", "7d", "30d"], description="Default 24h. From a full hour on."
    ),
    OpenApiParameter("from", OpenApiTypes.DATETIME),
    OpenApiParameter("to", OpenApiTypes.DATETIME),
]
WHOSE = OpenApiParameter("user", str, description="Staff only: one user's figures instead of everybody's.")
INTERVALS = ("hour", "day")
CALLS_LIMIT = 100_000
ROWS_LIMIT = 10_000
ROWS_SHOWN = 100


class ToolReportView(APIView):
    """Tools."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="analytics_tools",
        parameters=[*RANGE, WHOSE, OpenApiParameter("interval", str, enum=list(INTERVALS))],
        responses=shapes.ToolReport,
        tags=["analytics"],
    )
    def get(self, request: Request) -> Response:
        """Figures per tool; the caller's own, for staff everybody's."""
        interval = request.query_params.get("interval")
        if interval and interval not in INTERVALS:
            raise UnknownInterval(field="interval", known=", ".join(INTERVALS), attr="interval")
        span = asked_range(request)
        return Response(usage.tool_usage(span.start, span.end, user_id=figures_user(request), interval=interval))


class TokenReportView(APIView):
    """Tokens."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="analytics_tokens",
        parameters=[*RANGE, WHOSE, OpenApiParameter("group_by", str, enum=list(usage.TOKEN_GROUPS), default="model")],
        responses=shapes.TokenReport,
        tags=["analytics"],
    )
    def get(self, request: Request) -> Response:
        """Tokens by model, phase or day; the caller's own, for staff everybody's."""
        span, group_by = asked_range(request), request.query_params.get("group_by", "model")
        return Response(usage.token_usage(span.start, span.end, group_by=group_by, user_id=figures_user(request)))


class SpendReportView(APIView):
    """Spending."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="analytics_spend",
        parameters=[*RANGE, WHOSE, OpenApiParameter("group_by", str, enum=list(usage.SPEND_GROUPS), default="model")],
        responses=shapes.SpendReport,
        tags=["analytics"],
    )
    def get(self, request: Request) -> Response:
        """Cost by user, model, phase or day; a model without a price costs null and is named."""
        span, group_by = asked_range(request), request.query_params.get("group_by", "model")
        return Response(usage.spend_report(span.start, span.end, group_by=group_by, user_id=figures_user(request)))


class SpendRemainingView(APIView):
    """What is left of the limits."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="analytics_spend_remaining",
        parameters=[OpenApiParameter("folder", OpenApiTypes.UUID)],
        responses=shapes.RemainingOutput,
        tags=["analytics"],
    )
    def get(self, request: Request) -> Response:
        """What the caller may still spend today (in one of their folders)."""
        left = spend_remaining(user_id=request.user.pk, folder_id=_own_folder(request))
        shown = left.balances if request.user.is_staff else visible_balances(left)
        limits = [_balance(balance) for balance in shown]
        return Response({"remaining_usd": _dollars(left.remaining_usd), "resets_at": left.resets_at, "limits": limits})


class SpendEstimateView(APIView):
    """What a run would cost."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="analytics_spend_estimate",
        parameters=[
            OpenApiParameter("model", str, required=True),
            OpenApiParameter("prompt_tokens", int, required=True),
            OpenApiParameter("completion_tokens", int, required=True),
            OpenApiParameter("calls", int, default=1),
            OpenApiParameter("folder", OpenApiTypes.UUID),
        ],
        responses=shapes.EstimateOutput,
        tags=["analytics"],
    )
    def get(self, request: Request) -> Response:
        """Cost of a run before it starts, and whether it fits under the limits."""
        found = spend_estimate(
            model=request.query_params.get("model", ""),
            prompt_tokens=_whole(request, "prompt_tokens", TOKENS_LIMIT),
            completion_tokens=_whole(request, "completion_tokens", TOKENS_LIMIT),
            calls=_whole(request, "calls", CALLS_LIMIT, default=1),
            user_id=request.user.pk,
            folder_id=_own_folder(request),
        )
        return Response(
            {
                "model": found.model,
                "cost_usd": _dollars(found.cost_usd),
                "price_known": found.cost_usd is not None,
                "remaining_usd": _dollars(found.remaining_usd),
                "fits": found.fits,
            }
        )


class PerformanceView(APIView):
    """Timed operations."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="analytics_performance",
        parameters=[OpenApiParameter("operation", str), *RANGE, WHOSE],
        responses=shapes.PerformanceReport,
        tags=["analytics"],
    )
    def get(self, request: Request) -> Response:
        """Times (seconds) and success rate of an operation, or of each; the caller's own, for staff everybody's."""
        whose, operation = figures_user(request), asked_text(request, "operation")
        read = partial(usage.performance, operation=operation, user_id=whose)
        return Response(_shared(request, whose, asked_range, read))


class SystemView(APIView):
    """System metrics."""

    permission_classes = [IsAdminUser]

    @extend_schema(operation_id="analytics_system", parameters=RANGE, responses=shapes.SystemReport, tags=["analytics"])
    def get(self, request: Request) -> Response:
        """System metrics of the range (staff)."""
        return Response(_shared(request, None, asked_range, system_metrics))


class DashboardView(APIView):
    """The dashboard."""

    permission_classes = [IsAdminUser]

    @extend_schema(
        operation_id="analytics_dashboard",
        parameters=[OpenApiParameter("period", str, enum=list(PERIODS)), *RANGE],
        responses=shapes.DashboardReport,
        tags=["analytics"],
    )
    def get(self, request: Request) -> Response:
        """All figures of a range, compared with the range before (staff)."""
        return Response(_shared(request, None, period_range, dashboard))


class CohortView(APIView):
    """Cohort reports."""

    permission_classes = [IsAdminUser]
    renderer_classes = [JSONRenderer, CSVRenderer]

    @extend_schema(
        operation_id="analytics_cohorts",
        parameters=[
            OpenApiParameter("report", str, OpenApiParameter.PATH, enum=list(REPORTS)),
            *RANGE,
            OpenApiParameter("folder", OpenApiTypes.UUID),
            OpenApiParameter("limit", int, description="At most this many rows: 100, in CSV 10,000."),
            OpenApiParameter("format", str, enum=["json", "csv"]),
        ],
        responses={(200, "application/json"): shapes.CohortReport, (200, "text/csv"): OpenApiTypes.STR},
        tags=["analytics"],
    )
    def get(self, request: Request, report: str) -> Response:
        """Active learners, weekly retention, mastery, missed questions or unused documents (staff), also as CSV."""
        span = asked_range(request, default="30d")
        csv = request.accepted_renderer.format == CSVRenderer.format
        limit = max(_whole(request, "limit", ROWS_LIMIT, default=ROWS_LIMIT if csv else ROWS_SHOWN), 1)
        rows = cohort_report(report, span.start, span.end, folder_id=uuid_asked(request, "folder"), limit=limit)
        response = Response({"report": report, "from": span.start, "to": span.end, "rows": rows})
        if csv:
            response["Content-Disposition"] = f'attachment; filename="{report}.csv"'
        return response


class StreamView(APIView):
    """The live view."""

    permission_classes = [IsAdminUser]
    renderer_classes = [JSONRenderer, EventStreamRenderer]

    @extend_schema(
        operation_id="analytics_stream", responses={(200, "text/event-stream"): OpenApiTypes.STR}, tags=["analytics"]
    )
    def get(self, request: Request) -> Any:
        """Stream the system metrics of the last hour as ``metrics`` events while they change (staff)."""
        return event_stream(_metrics(last_event_id(request)))


async def _metrics(seen: str | None) -> AsyncIterator[StreamEvent]:
    while True:
        version, figures = await in_thread(live_snapshot)
        if version != seen:
            seen = version
            yield StreamEvent("metrics", figures, version)
        await asyncio.sleep(PERIOD_SECONDS)


def _shared(
    request: Request,
    whose: UUID | None,
    asked: Callable[[Request], TimeRange],
    read: Callable[[datetime, datetime], dict[str, Any]],
) -> dict[str, Any]:
    """Read the asked range once for all who ask the same at the same time: many people look at a dashboard at once."""

    def read_now() -> dict[str, Any]:
        span = asked(request)
        return read(span.start, span.end)

    return coalesced((request.path, whose, *sorted(request.query_params.items())), read_now)


def _own_folder(request: Request) -> Any:
    folder_id = uuid_asked(request, "folder")
    return None if folder_id is None else folder_get(owner_id=UUID(str(request.user.pk)), folder_id=folder_id).pk


def _whole(request: Request, name: str, limit: int, default: int | None = None) -> int:
    text = request.query_params.get(name)
    if text is None and default is not None:
        return default
    if text is None or not text.isdecimal() or len(text) > 12 or int(text) > limit:
        raise EstimateInvalid(field=name, limit=limit, attr=name)
    return int(text)


def _balance(balance: Balance) -> dict[str, Any]:
    return {
        "scope": balance.scope.value,
        "cap_usd": _dollars(balance.cap_usd),
        "spent_usd": float(balance.spent_usd),
        "reserved_usd": float(balance.reserved_usd),
        "remaining_usd": _dollars(balance.remaining_usd),
    }


def _dollars(amount: Any) -> float | None:
    return None if amount is None else float(amount)
