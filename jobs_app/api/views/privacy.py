"""Export and erasure of the caller's data."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jobs_app.services import privacy
from tutor_project.accounts.models import User
from tutor_project.accounts.services.signing_in import password_confirm
from tutor_project.common.api.authentication import user_id
from tutor_project.common.api.prefer import accepted
from tutor_project.common.doors import address_of


class JobCreatedSerializer(serializers.Serializer[Any]):
    """202: the job to watch."""

    job_id = serializers.UUIDField()


class ErasureSerializer(serializers.Serializer[Any]):
    """The caller's password, as confirmation."""

    password = serializers.CharField(max_length=1024, trim_whitespace=False)


class ExportView(APIView):
    """An export of everything the system holds of the caller."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="users_me_export", request=None, responses={202: JobCreatedSerializer}, tags=["privacy"]
    )
    def post(self, request: Request) -> Response:
        """Have the export made; the job's result names the download."""
        return accepted(privacy.export_request(user_id=user_id(request)))


class ExportDownloadView(APIView):
    """A finished export."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="users_me_export_download",
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
        tags=["privacy"],
    )
    def get(self, request: Request, job_id: UUID) -> FileResponse:
        """Download the zip."""
        handle = privacy.export_open(user_id=user_id(request), job_id=job_id)
        return FileResponse(handle, as_attachment=True, filename="export.zip", content_type="application/zip")


class ErasureView(APIView):
    """The erasure of everything the system holds of the caller, the account included."""

    permission_classes = [IsAuthenticated]
    throttle_scope = "register"

    @extend_schema(
        operation_id="users_me_erase",
        request=ErasureSerializer,
        responses={202: JobCreatedSerializer},
        tags=["privacy"],
    )
    def post(self, request: Request) -> Response:
        """Erase, after the password was given once more; there is no way back."""
        serializer = ErasureSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        password_confirm(user=cast(User, request.user), address=address_of(request), **serializer.validated_data)
        return accepted(privacy.erasure_request(user_id=user_id(request)))
