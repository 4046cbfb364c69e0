"""System endpoints: statistics, health, cache."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAdminUser, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jobs_app.selectors import jobs as selectors
from jobs_app.selectors.statistics import job_statistics
from jobs_app.services.health import system_health
from tutor_project.common import cache
from tutor_project.common.api.permissions import RUNS_THE_SYSTEM, staff_with
from tutor_project.common.api.time_range import parse_time_range
from tutor_project.common.console.audit import deed_record

TIME_RANGE = [
    OpenApiParameter("time_range", str, enum=["1h", "24h", "7d", "30d"], default="24h"),
    OpenApiParameter("from", OpenApiTypes.DATETIME),
    OpenApiParameter("to", OpenApiTypes.DATETIME),
]


class TimesSerializer(serializers.Serializer[Any]):
    """Seconds; null when nothing was measured."""

    mean = serializers.FloatField(allow_null=True)
    p50 = serializers.FloatField(allow_null=True)
    p95 = serializers.FloatField(allow_null=True)


class JobStatisticsSerializer(serializers.Serializer[Any]):
    """Figures of the caller's jobs, of all jobs for staff."""

    total = serializers.IntegerField()
    by_status = serializers.DictField(child=serializers.IntegerField())
    by_type = serializers.DictField(child=serializers.DictField(child=serializers.IntegerField()))
    wait_seconds = TimesSerializer()
    run_seconds = TimesSerializer()


class JobStatisticsView(APIView):
    """Figures of the ledger."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="jobs_statistics", parameters=TIME_RANGE, responses=JobStatisticsSerializer, tags=["jobs"]
    )
    def get(self, request: Request) -> Response:
        """Return counts and wait and run times."""
        span = parse_time_range(request.query_params)
        owner_id = None if request.user.is_staff else request.user.pk
        return Response(job_statistics(jobs=selectors.job_list(user=request.user), span=span, owner_id=owner_id))


class HealthSerializer(serializers.Serializer[Any]):
    """The health picture."""

    status = serializers.ChoiceField(choices=["healthy", "degraded", "unhealthy"])
    pending_embeddings = serializers.IntegerField()
    failed_jobs_last_hour = serializers.IntegerField(required=False)
    active_sessions_last_hour = serializers.IntegerField()
    system_load = serializers.FloatField()
    queues = serializers.DictField(child=serializers.DictField())
    workers = serializers.ListField(child=serializers.DictField(), required=False)
    beat = serializers.DictField(required=False)
    database = serializers.DictField()
    redis = serializers.DictField()
    disk = serializers.DictField()
    alerts = serializers.ListField(child=serializers.DictField())
    last_updated = serializers.DateTimeField()


class SystemHealthView(APIView):
    """The health of the whole system (staff)."""

    permission_classes = [IsAdminUser]

    @extend_schema(operation_id="system_health", responses=HealthSerializer, tags=["system"])
    def get(self, request: Request) -> Response:
        """Return the picture as it is now."""
        return Response(system_health()[0])


class SystemStatusView(APIView):
    """The history of health (staff)."""

    permission_classes = [IsAdminUser]

    @extend_schema(operation_id="system_status", responses=HealthSerializer(many=True), tags=["system"])
    def get(self, request: Request) -> Response:
        """Return the last hundred pictures, newest first."""
        return Response(selectors.status_history())


class CacheClearSerializer(serializers.Serializer[Any]):
    """The keys to forget, as a glob pattern."""

    pattern = serializers.CharField(max_length=200)


class CacheClearedSerializer(serializers.Serializer[Any]):
    """How many keys were forgotten."""

    cleared = serializers.IntegerField()


class CacheClearView(APIView):
    """The cache (operators)."""

    permission_classes = [staff_with(RUNS_THE_SYSTEM)]

    @extend_schema(
        operation_id="system_cache_clear",
        request=CacheClearSerializer,
        responses={200: CacheClearedSerializer},
        tags=["system"],
    )
    def post(self, request: Request) -> Response:
        """Forget the keys that match the pattern."""
        serializer = CacheClearSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        pattern = serializer.validated_data["pattern"]
        cleared = cache.clear(pattern)
        deed_record(user=request.user, what=f"cache: {pattern}", message=f"Cleared {cleared} keys.")
        return Response({"cleared": cleared})
