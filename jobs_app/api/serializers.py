"""Shapes of the job endpoints."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from jobs_app.models import Job


class JobSerializer(serializers.ModelSerializer[Job]):
    """A job as its owner sees it; tracebacks and leases stay inside."""

    class Meta:
        model = Job
        fields = [
            "id", "job_type", "status", "progress", "stage", "priority", "attempts", "created_at", "scheduled_for",
            "started_at", "completed_at", "error_code", "error_message", "result", "metadata",
        ]  # fmt: skip
        read_only_fields = fields


class JobCreateSerializer(serializers.Serializer[Any]):
    """A job to create; ``job_data`` is validated by the kind."""

    job_type = serializers.CharField(max_length=100)
    job_data = serializers.DictField(default=dict)
    priority = serializers.ChoiceField(choices=Job.Priority.choices, required=False)
    scheduled_for = serializers.DateTimeField(required=False, allow_null=True)


class JobUpdateSerializer(serializers.Serializer[Any]):
    """A correction of a job (row D3); ``progress`` is per cent."""

    progress = serializers.FloatField(min_value=0, max_value=100, required=False)
    status = serializers.ChoiceField(choices=Job.Status.choices, required=False)
    error_message = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    metadata = serializers.DictField(required=False)
