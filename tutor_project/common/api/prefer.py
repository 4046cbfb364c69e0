"""``Prefer: respond-async`` (RFC 7240): 202 with a job instead of waiting for the result."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response


class JobAcceptedSerializer(serializers.Serializer[Any]):
    """202: the job to watch."""

    job_id = serializers.UUIDField()


def wants_async(request: Request) -> bool:
    """Tell whether the caller prefers a job over waiting."""
    preferences = (part.split(";")[0].strip().lower() for part in request.headers.get("Prefer", "").split(","))
    return "respond-async" in preferences


def accepted(job_id: Any, **extra: Any) -> Response:
    """Return 202 ``{job_id, …}`` with the job's ``Location``."""
    response = Response({"job_id": str(job_id), **extra}, status=status.HTTP_202_ACCEPTED)
    response["Location"] = f"/api/v1/jobs/{job_id}"
    return response


PROVISIONAL = "is_provisional"
"""Set on a response that a repeated ``Idempotency-Key`` must not replay."""


def not_yet(job_id: Any) -> Response:
    """Return 202 with the job to wait for; the same request, repeated when that has ended, gets the result."""
    response = accepted(job_id)
    setattr(response, PROVISIONAL, True)
    return response
