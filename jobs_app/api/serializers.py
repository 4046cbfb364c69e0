"""Shapes of the job endpoints."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from jobs_app.models import Job
from jobs_app.selectors import jobs as selectors
from tutor_project.common.api import limits
from tutor_project.common.api.fields import BoundedDictField
from tutor_project.common.messages import said_again

"""Characters of an object that a caller sends along with a job, as JSON."""


class JobSerializer(serializers.ModelSerializer[Job]):
    """A job as its owner sees it; tracebacks and leases stay inside."""

    error_message = serializers.SerializerMethodField()

    class Meta:
        model = Job
        fields = [
            "id", "job_type", "status", "progress", "stage", "priority", "attempts", "created_at", "scheduled_for",
            "started_at", "completed_at", "error_code", "error_message", "result", "metadata",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_error_message(self, job: Job) -> str | None:
        """Return what the owner is told, in their language."""
        return _told(job)


def _told(job: Job) -> str | None:
    return said_again(job.error_code, job.error_message) if job.error_message is not None else None


def job_shown(job: Job) -> dict[str, Any]:
    """Return what ``JobSerializer`` would; plain, because a page of the list shows up to a hundred."""
    shown = {name: getattr(job, name) for name in JobSerializer.Meta.fields}
    shown["id"], shown["error_message"] = str(job.pk), _told(job)
    return shown


class JobDetailSerializer(JobSerializer):
    """One job with what it waits for, and what a group has brought so far."""

    result = serializers.SerializerMethodField()
    waiting_for = serializers.SerializerMethodField()
    queue_position = serializers.SerializerMethodField()
    stalled = serializers.SerializerMethodField()

    class Meta(JobSerializer.Meta):
        fields = [*JobSerializer.Meta.fields, "waiting_for", "queue_position", "stalled"]
        read_only_fields = fields

    def to_representation(self, instance: Job) -> dict[str, Any]:
        """Ask for the outlook once, for the three fields made of it."""
        self._outlook = selectors.job_outlook(instance)
        return super().to_representation(instance)

    def get_result(self, job: Job) -> dict[str, Any] | None:
        """Return the result, partial while a group runs."""
        return selectors.job_result(job)

    @extend_schema_field(serializers.ChoiceField(choices=["worker", "schedule", "exclusive"], allow_null=True))
    def get_waiting_for(self, job: Job) -> str | None:
        """Return what a pending job waits for."""
        return self._outlook.waiting_for

    def get_queue_position(self, job: Job) -> int | None:
        """Return its place among those that wait for a worker, from 1."""
        return self._outlook.queue_position

    def get_stalled(self, job: Job) -> bool:
        """Tell whether the worker of a running job fell silent; the sweeper will give the job to another."""
        return self._outlook.stalled


class JobCreateSerializer(serializers.Serializer[Any]):
    """A job to create; ``job_data`` is validated by the kind."""

    job_type = serializers.CharField(max_length=100)
    job_data = BoundedDictField(max_characters=limits.OBJECT, default=dict)
    priority = serializers.ChoiceField(choices=Job.Priority.choices, required=False)
    scheduled_for = serializers.DateTimeField(required=False, allow_null=True)


class JobUpdateSerializer(serializers.Serializer[Any]):
    """A correction of a job; ``progress`` is per cent."""

    progress = serializers.FloatField(min_value=0, max_value=100, required=False)
    status = serializers.ChoiceField(choices=Job.Status.choices, required=False)
    error_message = serializers.CharField(max_length=limits.ERROR, required=False, allow_blank=True)
    metadata = BoundedDictField(max_characters=limits.OBJECT, required=False)
