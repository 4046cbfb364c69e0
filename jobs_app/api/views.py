"""Job endpoints (rows D2 to D7)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.permissions import IsAdminUser, IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jobs_app import selectors
from jobs_app.api.events import job_events
from jobs_app.api.serializers import (
    JobCreateSerializer,
    JobDetailSerializer,
    JobSerializer,
    JobUpdateSerializer,
)
from jobs_app.models import Job
from jobs_app.registry import get_kind
from jobs_app.services import control, creation
from tutor_project.common.api.idempotency import idempotent
from tutor_project.common.api.sse import EventStreamRenderer, event_stream, last_event_id


class JobFilter(filters.FilterSet):
    """``status``, ``job_type`` and ``priority``."""

    class Meta:
        model = Job
        fields = ["status", "job_type", "priority"]


class JobListView(generics.ListAPIView[Job]):
    """The caller's jobs, newest first, and the creation of new ones."""

    permission_classes = [IsAuthenticated]
    serializer_class = JobSerializer
    filterset_class = JobFilter

    def get_queryset(self) -> Any:
        """Return the jobs the caller may see."""
        return selectors.job_list(user=self.request.user)

    @extend_schema(operation_id="jobs_list", tags=["jobs"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List jobs."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="jobs_create", request=JobCreateSerializer, responses={201: JobSerializer}, tags=["jobs"]
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Create a job of a kind that the caller may create."""
        serializer = JobCreateSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        creation.ensure_may_create(kind=get_kind(data["job_type"]), is_staff=request.user.is_staff)
        job = creation.job_create(owner_id=request.user.pk, trigger="api", **data)
        response = Response(JobSerializer(job).data, status=status.HTTP_201_CREATED)
        response["Location"] = f"/api/v1/jobs/{job.pk}"
        return response


class JobDetailView(APIView):
    """One job."""

    permission_classes = [IsAuthenticated]

    def get_permissions(self) -> Any:
        """Let staff alone correct a job by hand."""
        return [IsAdminUser()] if self.request.method == "PATCH" else super().get_permissions()

    @extend_schema(operation_id="jobs_retrieve", responses=JobDetailSerializer, tags=["jobs"])
    def get(self, request: Request, job_id: UUID) -> Response:
        """Return the job's state."""
        return Response(JobDetailSerializer(selectors.job_get(user=request.user, job_id=job_id)).data)

    @extend_schema(operation_id="jobs_update", request=JobUpdateSerializer, responses=JobSerializer, tags=["jobs"])
    def patch(self, request: Request, job_id: UUID) -> Response:
        """Correct progress or state (staff)."""
        serializer = JobUpdateSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(JobSerializer(control.job_update(job_id=job_id, **serializer.validated_data)).data)


class JobExecuteView(APIView):
    """Run a waiting job now."""

    permission_classes = [IsAdminUser]

    @extend_schema(operation_id="jobs_execute", request=None, responses={202: JobSerializer}, tags=["jobs"])
    def post(self, request: Request, job_id: UUID) -> Response:
        """Dispatch the job at once (staff)."""
        return Response(JobSerializer(control.job_execute(job_id=job_id)).data, status=status.HTTP_202_ACCEPTED)


class JobRetryView(APIView):
    """Run a failed or cancelled job again."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="jobs_retry", request=None, responses={202: JobSerializer}, tags=["jobs"])
    def post(self, request: Request, job_id: UUID) -> Response:
        """Retry the job."""
        job = selectors.job_get(user=request.user, job_id=job_id)
        return Response(JobSerializer(control.job_retry(job_id=job.pk)).data, status=status.HTTP_202_ACCEPTED)


class JobCancelView(APIView):
    """Stop a job."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="jobs_cancel", request=None, responses={202: JobSerializer}, tags=["jobs"])
    def post(self, request: Request, job_id: UUID) -> Response:
        """Cancel the job; a running one stops at its next checkpoint."""
        job = selectors.job_get(user=request.user, job_id=job_id)
        return Response(JobSerializer(control.job_cancel(job_id=job.pk)).data, status=status.HTTP_202_ACCEPTED)


class JobEventsView(APIView):
    """Live progress of one job."""

    permission_classes = [IsAuthenticated]
    renderer_classes = [JSONRenderer, EventStreamRenderer]

    @extend_schema(operation_id="jobs_events", responses={(200, "text/event-stream"): OpenApiTypes.STR}, tags=["jobs"])
    def get(self, request: Request, job_id: UUID) -> Any:
        """Stream ``progress`` events and a last ``done`` event."""
        job = selectors.job_get(user=request.user, job_id=job_id)
        return event_stream(job_events(job.pk, last_id=last_event_id(request)))
