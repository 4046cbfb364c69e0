"""Job endpoints."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import PermissionDenied as NotPermitted
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jobs_app.api.events import job_events
from jobs_app.api.serializers import (
    JobCreateSerializer,
    JobDetailSerializer,
    JobSerializer,
    JobUpdateSerializer,
    job_shown,
)
from jobs_app.models import Job
from jobs_app.registry import get_kind
from jobs_app.selectors import jobs as selectors
from jobs_app.services import control, creation
from tutor_project.common.api.idempotency import idempotent
from tutor_project.common.api.permissions import WORKS_ON_JOBS, staff_with
from tutor_project.common.api.sse import EventStreamRenderer, event_stream, last_event_id
from tutor_project.common.console.audit import action_record


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
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset().defer("input")))
        return self.get_paginated_response([job_shown(job) for job in page or []])

    @extend_schema(
        operation_id="jobs_create", request=JobCreateSerializer, responses={201: JobSerializer}, tags=["jobs"]
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Create a job of a kind that the caller may create."""
        serializer = JobCreateSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        operates = request.user.is_staff and request.user.has_perm(WORKS_ON_JOBS)
        creation.ensure_may_create(kind=get_kind(data["job_type"]), is_staff=operates)
        job = creation.job_create(owner_id=request.user.pk, trigger="api", **data)
        response = Response(JobSerializer(job).data, status=status.HTTP_201_CREATED)
        response["Location"] = f"/api/v1/jobs/{job.pk}"
        return response


class JobDetailView(APIView):
    """One job."""

    permission_classes = [IsAuthenticated]

    def get_permissions(self) -> Any:
        """Let operators alone correct a job by hand."""
        return [staff_with(WORKS_ON_JOBS)()] if self.request.method == "PATCH" else super().get_permissions()

    @extend_schema(operation_id="jobs_retrieve", responses=JobDetailSerializer, tags=["jobs"])
    def get(self, request: Request, job_id: UUID) -> Response:
        """Return the job's state."""
        return Response(JobDetailSerializer(selectors.job_get(user=request.user, job_id=job_id)).data)

    @extend_schema(operation_id="jobs_update", request=JobUpdateSerializer, responses=JobSerializer, tags=["jobs"])
    def patch(self, request: Request, job_id: UUID) -> Response:
        """Correct progress or state (operators)."""
        serializer = JobUpdateSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            job = control.job_update(job_id=job_id, **serializer.validated_data)
            action_record(user=request.user, target=job, message=f"Corrected: {', '.join(serializer.validated_data)}.")
        return Response(JobSerializer(job).data)


class JobExecuteView(APIView):
    """Run a waiting job now."""

    permission_classes = [staff_with(WORKS_ON_JOBS)]

    @extend_schema(operation_id="jobs_execute", request=None, responses={202: JobSerializer}, tags=["jobs"])
    def post(self, request: Request, job_id: UUID) -> Response:
        """Dispatch the job at once (operators)."""
        with transaction.atomic():
            job = control.job_execute(job_id=job_id)
            action_record(user=request.user, target=job, message="Run now.")
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)


def _changeable(request: Request, job_id: UUID) -> Job:
    """Return the job if it is the caller's, or the caller's to operate; staff who only look are refused."""
    job = selectors.job_get(user=request.user, job_id=job_id)
    if job.owner_id != request.user.pk and not request.user.has_perm(WORKS_ON_JOBS):
        raise NotPermitted
    return job


def _note(request: Request, job: Job, message: str) -> None:
    if job.owner_id != request.user.pk:
        action_record(user=request.user, target=job, message=message)


class JobRetryView(APIView):
    """Run a failed or cancelled job again."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="jobs_retry", request=None, responses={202: JobSerializer}, tags=["jobs"])
    def post(self, request: Request, job_id: UUID) -> Response:
        """Retry the job."""
        job = _changeable(request, job_id)
        with transaction.atomic():
            changed = control.job_retry(job_id=job.pk)
            _note(request, changed, "Retry.")
        return Response(JobSerializer(changed).data, status=status.HTTP_202_ACCEPTED)


class JobCancelView(APIView):
    """Stop a job."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="jobs_cancel", request=None, responses={202: JobSerializer}, tags=["jobs"])
    def post(self, request: Request, job_id: UUID) -> Response:
        """Cancel the job; a running one stops at its next checkpoint."""
        job = _changeable(request, job_id)
        with transaction.atomic():
            changed = control.job_cancel(job_id=job.pk)
            _note(request, changed, "Cancel.")
        return Response(JobSerializer(changed).data, status=status.HTTP_202_ACCEPTED)


class JobEventsView(APIView):
    """Live progress of one job."""

    permission_classes = [IsAuthenticated]
    renderer_classes = [JSONRenderer, EventStreamRenderer]

    @extend_schema(operation_id="jobs_events", responses={(200, "text/event-stream"): OpenApiTypes.STR}, tags=["jobs"])
    def get(self, request: Request, job_id: UUID) -> Any:
        """Stream ``progress`` events and a last ``done`` event."""
        job = selectors.job_get(user=request.user, job_id=job_id)
        return event_stream(job_events(job.pk, last_id=last_event_id(request)))
